"""One Idempotency-Key places one order, however often and however fast the request is repeated."""

import threading
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.bus.contracts.orders import OrderPlaced
from app.kernel.money import Money
from tests.orders.steps import MUG, receives
from tests.shop import ALICE, BOB, Shop


def test_a_repeated_request_gets_the_same_answer(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice = shop.as_customer(ALICE)
    first = alice.orders({"MUG": 2}, MUG * 2, key="k")

    again = alice.orders({"MUG": 2}, MUG * 2, key="k")

    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(shop.published(OrderPlaced)) == 1


def test_the_answer_is_the_same_also_after_the_order_moved_and_the_price_changed(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice = shop.as_customer(ALICE)
    first = alice.orders({"MUG": 2}, MUG * 2, key="k")
    receives(shop, first.json["id"], "stock_reserved", "payment_authorized")  # type: ignore[index]
    shop.offers("MUG", Money(5, "EUR"), version=2)

    again = alice.orders({"MUG": 2}, MUG * 2, key="k")

    assert again.data == first.data


def test_a_key_is_for_one_request_only(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice = shop.as_customer(ALICE)
    alice.orders({"MUG": 2}, MUG * 2, key="k")

    other = alice.orders({"MUG": 1}, MUG, key="k")

    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")  # type: ignore[index]
    assert len(shop.published(OrderPlaced)) == 1


def test_two_customers_may_use_one_key(shop: Shop) -> None:
    shop.offers("MUG", MUG)

    orders: list[Any] = [shop.as_customer(who).orders({"MUG": 1}, MUG, key="k").json for who in (ALICE, BOB)]

    assert orders[0]["id"] != orders[1]["id"]


def test_a_refused_order_may_be_tried_again_with_its_key(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    refused = alice.orders({"MUG": 1}, MUG, key="k")
    shop.offers("MUG", MUG)

    placed = alice.orders({"MUG": 1}, MUG, key="k")

    assert (refused.status_code, placed.status_code) == (422, 201)
    assert "Idempotency-Replayed" not in placed.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_an_order_needs_a_key(shop: Shop, key: str) -> None:
    shop.offers("MUG", MUG)
    body = {"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 900, "currency": "EUR"}}

    answer = shop.as_customer(ALICE).post("/orders", body, headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing")  # type: ignore[index]


def test_a_key_and_its_order_are_committed_together_or_not_at_all(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice, database = shop.as_customer(ALICE), shop.modules["orders"].database
    with database.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER power_cut BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'power cut'); END"
        )
    cut_off = alice.orders({"MUG": 1}, MUG, key="k")
    with database.begin() as connection:
        left = connection.exec_driver_sql("SELECT (SELECT count(*) FROM idempotency), (SELECT count(*) FROM orders)")
        assert tuple(left.one()) == (0, 0)
        connection.exec_driver_sql("DROP TRIGGER power_cut")

    placed = alice.orders({"MUG": 1}, MUG, key="k")

    assert (cut_off.status_code, placed.status_code) == (500, 201)
    assert len(shop.published(OrderPlaced)) == 1


def test_a_double_click_is_one_order(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    alice, start = shop.as_customer(ALICE), threading.Barrier(4)
    answers: list[TestResponse] = []

    def click() -> None:
        start.wait()
        answers.append(alice.orders({"MUG": 2}, MUG * 2, key="k"))

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 3
    assert len(shop.published(OrderPlaced)) == 1
