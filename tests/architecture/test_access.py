"""Who may call what: every route of the whole shop is called by a guest, a customer, staff and an admin."""

from typing import Any

import pytest

from tests.architecture.access import GUEST, MAY
from tests.shop import ALICE, BOB, SAM, Caller, Shop

ANYTHING = {
    "<uuid:user_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:session_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:address_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:tax_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:customer_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:rate_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:registration_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:order_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:shipment_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:payment_id>": "00000000-0000-7000-8000-000000000001",
    "<uuid:replay_id>": "00000000-0000-7000-8000-000000000001",
    "<parked_id>": "1",
    "<asked>": "1",
    "<sku:sku>": "MUG",
    "<slug>": "mugs",
    "<zone_id>": "eu",
    "<promotion_id>": "summer",
    "<code>": "standard",
    "<number>": "INV-1",
    "<ref>": "mug",
    "<path:name>": "index.html",
}
PEOPLE = [(ALICE, "customer"), (SAM, "staff"), (BOB, "admin")]
REFUSED_ACCESS = {"not_signed_in", "bad_token", "role_missing"}


def routes(shop: Shop) -> set[tuple[str, str]]:
    """Every method of every rule, except those that Flask answers itself."""
    rules = shop.app.url_map.iter_rules()
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def asked_by(caller: Caller, method: str, rule: str) -> tuple[int, str]:
    """Call a route with an empty body, which is invalid. Returns the status and the code."""
    path = rule
    for variable, value in ANYTHING.items():
        path = path.replace(variable, value)
    assert "<" not in path, f"what could stand in {rule}?"
    headers = {**caller.headers, "Idempotency-Key": "k"}
    body: Any = None if method in {"GET", "DELETE"} else {}
    with caller.door.test_client().open(path, method=method, headers=headers, json=body) as answer:
        problem: Any = answer.json if answer.mimetype == "application/problem+json" else {}
        return answer.status_code, problem.get("code", "")


def test_every_route_is_in_the_table_and_the_table_has_no_other(shop: Shop) -> None:
    assert routes(shop) == MAY.keys()


@pytest.mark.parametrize(("method", "rule"), MAY, ids=[" ".join(each) for each in MAY])
def test_a_route_lets_in_whom_it_is_for_and_nobody_else(shop: Shop, method: str, rule: str) -> None:
    needed = MAY[method, rule]
    callers = [shop.as_guest(), *(shop.as_customer(who, role) for who, role in PEOPLE)]

    for rank, caller in enumerate(callers):
        status, code = asked_by(caller, method, rule)

        if rank >= needed:
            assert status not in {403, 405, 500}
            assert code not in REFUSED_ACCESS
        elif rank == GUEST:
            assert (status, code) == (401, "not_signed_in")
        else:
            assert (status, code) == (403, "role_missing")


@pytest.mark.parametrize(("method", "rule"), MAY, ids=[" ".join(each) for each in MAY])
def test_a_spoilt_token_opens_no_route_that_needs_one(shop: Shop, method: str, rule: str) -> None:
    caller = Caller(shop.app, {"Authorization": "Bearer " + shop.token(BOB, "admin")[:-8] + "AAAAAAAA"})

    status, code = asked_by(caller, method, rule)

    if MAY[method, rule] > GUEST:
        assert (status, code) == (401, "bad_token")
    else:
        assert status != 500
