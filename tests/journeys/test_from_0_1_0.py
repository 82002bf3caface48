"""A shop of 0.1.0 with open orders, and with events unpublished, parked and retained, is upgraded: its orders end well.

Its databases are in shop_0_1_0, as that release wrote them, with the sandbox's; orders.json names the orders.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.bus import event
from app.jobs.tables import jobs, replays
from app.kernel import clock
from app.modules.orders.infrastructure.tables import order_checks
from tests.conftest import until
from tests.invariants import assert_invariants
from tests.journeys.former_shops import NO_MAXIMUM, FormerShop
from tests.journeys.steps import pays, signs_in
from tests.ops.steps import BECAUSE, drains
from tests.orders.shipping import code_of, fulfilment_of, moved, packed
from tests.shop import Shop

REVISIONS = {"catalog": "0007", "orders": "0009", "payments": "0008", "users": "0006"}
FORMER_SHOP = FormerShop(Path(__file__).parent / "shop_0_1_0", REVISIONS)
ORDERS = FORMER_SHOP.orders
FORMER = {
    "orders.order_audited.v1",
    "catalog.stock_audited.v1",
    "payments.payment_audited.v1",
    "payments.payment_failed.v1",
}


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Shop]:
    with FORMER_SHOP.in_its_files(tmp_path, **NO_MAXIMUM) as shop:
        yield shop


@pytest.fixture
def on_servers(tmp_path: Path) -> Iterator[Shop]:
    with FORMER_SHOP.on_servers(tmp_path, **NO_MAXIMUM) as shop:
        yield shop


@pytest.fixture(params=["embedded", pytest.param("on_servers", marks=pytest.mark.slow)])
def shop(request: pytest.FixtureRequest) -> Shop:
    """On SQLite, and on PostgreSQL with Kafka."""
    found: Shop = request.getfixturevalue(request.param)
    return found


def test_the_fixture_has_what_an_upgrade_may_meet() -> None:
    dumps = "".join(map(FORMER_SHOP.sql, REVISIONS))

    assert set(re.findall(r"'(\w+\.\w+\.v\d)'", dumps)) >= FORMER == set(event.FORMER)
    assert re.search(r'INSERT INTO "work" ', dumps)
    assert re.search(r'INSERT INTO "replays" ', dumps)
    assert re.search(r'INSERT INTO "parked" ', dumps)


def test_its_orders_end_well(shop: Shop) -> None:
    shop.settle()
    alice, staff = signs_in(shop, "alice@example.com"), shop.as_staff()

    def status(name: str) -> str:
        shop.settle()
        order: Any = alice.get(f"/orders/{ORDERS[name]}").json
        return str(order["status"])

    assert {name: status(name) for name in ORDERS} == {
        "paid": "paid",
        "open": "awaiting_payment",
        "declined": "awaiting_payment",
        "placed": "awaiting_payment",
    }
    timeline: Any = alice.get(f"/orders/{ORDERS['declined']}/timeline").json
    [failed] = [each for each in timeline["items"] if each["what"] == "payment_failed"]
    assert failed["detail"] == {"code": "generic_decline"}

    [parked] = staff.get("/ops/orders/parked").json["items"]  # type: ignore[index]
    assert parked["type"] == "catalog.stock_audited.v1"
    assert staff.post(f"/ops/orders/parked/{parked['id']}/retry", BECAUSE).status_code == 200
    until(lambda: drained(shop), "the parked event is handled")
    for name in ("open", "declined"):
        assert pays(alice, ORDERS[name], "pm_card_visa").status_code == 200
    assert alice.post(f"/orders/{ORDERS['placed']}/cancel").status_code == 200

    assert {name: status(name) for name in ORDERS} == {
        "paid": "paid",
        "open": "paid",
        "declined": "paid",
        "placed": "cancelled",
    }
    for name in ("paid", "open"):  # placed by that release, which has no shipments
        moved(shop, ORDERS[name], packed(shop, ORDERS[name]), "dispatch")
    shop.settle()
    assert {name: fulfilment_of(alice, ORDERS[name]) for name in ORDERS} == {
        "paid": "dispatched",
        "open": "dispatched",
        "declined": "none",
        "placed": "none",
    }
    assert code_of(alice.post(f"/orders/{ORDERS['open']}/cancel")) == (409, "already_dispatched")
    assert_invariants({name: module.database.url for name, module in shop.modules.items()})


def test_what_was_asked_for_is_done(shop: Shop) -> None:
    shop.settle()

    with shop.modules["orders"].database.read() as connection:
        answered = connection.execute(select(order_checks.c.module, order_checks.c.discrepancy)).all()
        ended = connection.execute(select(replays.c.ended_at)).scalars().all()
    assert {tuple(each) for each in answered} >= {("orders", None), ("catalog", None), ("payments", None)}
    assert len(ended) == 1 and ended[0] is not None
    for module in shop.modules.values():
        with module.database.read() as connection:
            assert connection.execute(select(jobs.c.kind).where(jobs.c.due_at <= clock.now())).all() == []
    [audit] = shop.as_staff().get("/ops/orders/audits").json["items"]  # type: ignore[index]
    assert (audit["compared"], audit["discrepancies"]) == (3, 1)


def drained(shop: Shop) -> bool:
    """Whether nothing is parked any more, once the parking worker has run."""
    drains(shop, "orders")
    return shop.parked() == 0
