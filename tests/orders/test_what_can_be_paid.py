"""Totals of zero, and totals that are too small or too large to be charged."""

from typing import Any

import pytest

from app.kernel.money import Money
from tests.orders.steps import published_about, receives, timeline_of
from tests.shop import ALICE, Shop


def orders_one(shop: Shop, price: Money) -> Any:
    shop.offers("MUG", price)
    return shop.as_customer(ALICE).orders({"MUG": 1}, price)


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_an_order_that_costs_nothing_is_paid_once_its_stock_is_held(shop: Shop, currency: str) -> None:
    alice = shop.as_customer(ALICE)
    order_id = orders_one(shop, Money(0, currency)).json["id"]

    receives(shop, order_id, "stock_reserved")

    order: Any = alice.get(f"/orders/{order_id}").json
    assert (order["status"], order["deadline"]) == ("paid", None)
    assert published_about(shop, order_id) == ["order_placed", "order_confirmed", "order_paid"]
    assert timeline_of(alice, order_id)[1:] == [
        "catalog: stock_reserved",
        "orders: confirmed",
        "orders: payment_captured",
        "orders: paid",
    ]
    assert alice.post(f"/orders/{order_id}/cancel").json["refund"] == "none"  # type: ignore[index]


@pytest.mark.parametrize(
    ("price", "code"),
    [
        (Money(30, "EUR"), "total_too_small"),
        (Money(1, "JPY"), "total_too_small"),
        (Money(1499, "CZK"), "total_too_small"),
        (Money(5, "KWD"), "total_too_small"),
        (Money(100_000_000, "EUR"), "total_too_large"),
        (Money(1_000_000, "ISK"), "total_too_large"),
        (Money(10**12, "IDR"), "total_too_large"),
        (Money(5005, "KWD"), "total_not_payable"),
        (Money(5050, "MGA"), "total_not_payable"),
        (Money(5000, "IQD"), "total_not_payable"),
    ],
)
def test_a_total_that_can_never_be_charged_is_refused_before_anything_is_held(
    shop: Shop, price: Money, code: str
) -> None:
    answer = orders_one(shop, price)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert shop.as_customer(ALICE).get("/orders").json["items"] == []  # type: ignore[index]


@pytest.mark.parametrize(
    "price",
    [Money(50, "EUR"), Money(99_999_999, "EUR"), Money(5000, "ISK"), Money(5010, "KWD"), Money(999_999_999_999, "IDR")],
)
def test_a_total_that_can_be_charged_is_accepted(shop: Shop, price: Money) -> None:
    assert orders_one(shop, price).status_code == 201
