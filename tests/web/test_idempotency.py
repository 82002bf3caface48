"""A repeated request has one effect and one response, on every route that takes an Idempotency-Key."""

import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.kernel.money import Money
from tests.shop import ALICE, BOB, SAM, Caller, Shop
from tests.web.steps import assert_problem

MUG = Money(900, "EUR")
RECEIVED = {"kind": "received", "quantity": 5, "reason": "delivery 7"}
ORDER = {"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 900, "currency": "EUR"}}
TAKES_A_KEY: list[tuple[str, dict[str, Any]]] = [("/orders", ORDER), ("/stock/MUG/movements", RECEIVED)]
each_route = pytest.mark.parametrize(("path", "body"), TAKES_A_KEY, ids=[each[0] for each in TAKES_A_KEY])


@pytest.fixture(scope="module")
def staff(shop: Shop) -> Caller:
    """Staff, who may call all of these routes, in a shop that sells mugs."""
    caller = shop.as_staff()
    new = {"name": "Mug", "variants": [{"sku": "MUG", "price": {"amount": 900, "currency": "EUR"}}]}
    assert caller.post("/products", new).status_code == 201
    shop.settle()
    return caller


def on_hand(staff: Caller) -> int:
    level: Any = staff.get("/stock/MUG").json
    return int(level["on_hand"])


@each_route
def test_a_repeated_request_gets_the_first_answer_and_says_so(staff: Caller, path: str, body: dict[str, Any]) -> None:
    first = staff.post(path, body, key=f"once {path}")
    again = staff.post(path, body, key=f"once {path}")

    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


@each_route
def test_without_a_key_nothing_is_done(staff: Caller, path: str, body: dict[str, Any]) -> None:
    before = on_hand(staff)

    for key in ("", "x" * 256, "a\tb", "\x7f"):
        answer = staff.post(path, body, headers={"Idempotency-Key": key})

        assert_problem(answer, 400, "idempotency_key_missing")
    assert on_hand(staff) == before


@each_route
def test_a_key_is_for_one_body_only(staff: Caller, path: str, body: dict[str, Any]) -> None:
    staff.post(path, body, key=f"body {path}")
    changed = {**body, "reason": "another"} if "reason" in body else {**body, "items": [{"sku": "MUG", "quantity": 2}]}

    assert_problem(staff.post(path, changed, key=f"body {path}"), 422, "idempotency_key_reused")


def test_a_key_is_for_one_address_only(staff: Caller) -> None:
    new = {"name": "Cup", "variants": [{"sku": "CUP", "price": {"amount": 500, "currency": "EUR"}}]}
    assert staff.post("/products", new).status_code == 201
    staff.post("/stock/MUG/movements", RECEIVED, key="one address")

    answer = staff.post("/stock/CUP/movements", RECEIVED, key="one address")

    assert_problem(answer, 422, "idempotency_key_reused")


def test_modules_keep_their_keys_apart(staff: Caller) -> None:
    assert staff.post("/orders", ORDER, key="shared").status_code == 201
    assert staff.post("/stock/MUG/movements", RECEIVED, key="shared").status_code == 201


def test_the_same_key_of_another_caller_is_another_key(shop: Shop, staff: Caller) -> None:
    before = on_hand(staff)

    answers = [shop.as_staff(who).post("/stock/MUG/movements", RECEIVED, key="ours") for who in (SAM, BOB)]

    assert [each.status_code for each in answers] == [201, 201]
    assert not any("Idempotency-Replayed" in each.headers for each in answers)
    assert on_hand(staff) == before + 10


def test_a_second_token_of_the_same_person_finds_the_first_answer(shop: Shop, staff: Caller) -> None:
    answers = [shop.as_customer(ALICE).post("/orders", ORDER, key="two devices") for _ in range(2)]

    assert answers[0].data == answers[1].data


def test_two_at_once_are_one(shop: Shop, staff: Caller) -> None:
    before, start = on_hand(staff), threading.Barrier(4)
    answers: list[TestResponse] = []

    def send() -> None:
        start.wait()
        answers.append(staff.post("/stock/MUG/movements", RECEIVED, key="at once"))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [each.status_code for each in answers] == [201] * 4
    assert len({each.data for each in answers}) == 1
    assert sum("Idempotency-Replayed" in each.headers for each in answers) == 3
    assert on_hand(staff) == before + 5


def test_what_was_refused_may_be_tried_again_with_its_key(staff: Caller) -> None:
    too_few = {"kind": "adjusted", "quantity": -1_000_000, "reason": "fire"}
    refused = [staff.post("/stock/MUG/movements", too_few, key="refused") for _ in range(2)]

    accepted = staff.post("/stock/MUG/movements", RECEIVED, key="refused")

    assert {each.status_code for each in refused} <= {409, 422}
    assert not any("Idempotency-Replayed" in each.headers for each in refused)
    assert accepted.status_code == 201


def test_cut_off_in_the_middle_it_has_not_happened_and_may_be_sent_again(shop: Shop, staff: Caller) -> None:
    before, database = on_hand(staff), shop.modules["catalog"].database
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER power_cut BEFORE UPDATE OF body ON idempotency BEGIN SELECT RAISE(ABORT, 'power cut'); END"
        )
    cut_off = staff.post("/stock/MUG/movements", RECEIVED, key="cut off")
    between = on_hand(staff)
    with database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER power_cut")

    again = staff.post("/stock/MUG/movements", RECEIVED, key="cut off")

    assert cut_off.status_code >= 500 or cut_off.status_code == 409
    assert between == before
    assert again.status_code == 201 and "Idempotency-Replayed" not in again.headers
    assert on_hand(staff) == before + 5


def test_an_answer_that_was_not_kept_is_made_again_from_what_was_done(shop: Shop, staff: Caller) -> None:
    before = on_hand(staff)
    first = staff.post("/stock/MUG/movements", RECEIVED, key="not kept")
    with shop.modules["catalog"].database.begin() as connection:
        connection.exec_driver_sql("UPDATE idempotency SET body = NULL WHERE key = 'not kept'")

    again = staff.post("/stock/MUG/movements", RECEIVED, key="not kept")

    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert on_hand(staff) == before + 5


@pytest.mark.parametrize("key", ["k", "x" * 255, "' OR 1=1--", "{}", "ключ".encode().decode("latin-1"), "%00", "a b"])
def test_any_printable_key_will_do(staff: Caller, key: str) -> None:
    before = on_hand(staff)

    answers = [staff.post("/stock/MUG/movements", RECEIVED, key=f"{key[:250]}#any") for _ in range(2)]

    statuses = {each.status_code for each in answers}
    assert statuses in ({201}, {400})
    assert on_hand(staff) - before == (5 if statuses == {201} else 0)
