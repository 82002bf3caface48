"""Purchases with a coupon over all four modules: what becomes of its use, and of the money."""

from datetime import timedelta
from typing import Any

import pytest

from app.kernel.money import Money
from tests.journeys.steps import assert_consistent, pays, signs_up, stocks
from tests.orders.coupons import buys, coupon, eur, ordered, refusal, used
from tests.orders.methods import BERLIN, FREE_ABOVE_50, offers, zone
from tests.orders.steps import sweeps
from tests.shop import Caller, Shop

PRICE = Money(900, "EUR")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop with five mugs at 9 euros."""
    stocks(shop, "MUG", PRICE, on_hand=5)
    return shop


def status_of(caller: Caller, order_id: str) -> str:
    return str(caller.get(f"/orders/{order_id}").json["status"])  # type: ignore[index]


def test_a_declined_card_burns_no_code(shop: Shop) -> None:
    coupon(shop, "ONLYONE", total_limit=1, per_customer_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order = ordered(buys(alice, 800, "ONLYONE"))
    shop.settle()
    assert pays(alice, order["id"], "pm_card_chargeDeclined").status_code == 402
    shop.settle()
    assert refusal(buys(alice, 800, "ONLYONE")) == (409, "coupon_used_up")

    sweeps(shop, timedelta(hours=3))
    shop.settle()
    assert status_of(alice, order["id"]) == "cancelled"
    again = ordered(buys(alice, 800, "ONLYONE"))
    shop.settle()
    assert pays(alice, again["id"], "pm_card_visa").status_code == 200
    shop.settle()

    assert status_of(alice, again["id"]) == "paid"
    assert used(shop, "onlyone") == (1, 1)
    assert_consistent(shop)


def test_what_was_paid_stays_used_when_it_is_refunded(shop: Shop) -> None:
    coupon(shop, "PAIDFOR", total_limit=1)
    alice = signs_up(shop, "alice@example.com")
    order = ordered(buys(alice, 1700, "PAIDFOR", quantity=2))
    shop.settle()
    pays(alice, order["id"], "pm_card_visa")
    shop.settle()

    alice.post(f"/orders/{order['id']}/cancel")
    shop.settle()

    shown: Any = alice.get(f"/orders/{order['id']}").json
    assert (shown["status"], shown["refunded"], shown["due"]) == ("refunded", eur(1700), eur(0))
    assert refusal(buys(alice, 800, "PAIDFOR")) == (409, "coupon_used_up")
    assert_consistent(shop)


def test_a_whole_discount_ends_paid_without_a_payment(shop: Shop) -> None:
    coupon(shop, "FORFREE", kind="percent", ppm=1_000_000)
    alice = signs_up(shop, "alice@example.com")

    order = ordered(buys(alice, 0, "FORFREE"))
    shop.settle()

    assert status_of(alice, order["id"]) == "paid"
    assert shop.as_staff().get(f"/payments?order_id={order['id']}").json["items"] == []  # type: ignore[index]
    assert_consistent(shop)


def test_free_shipping_by_a_code(shop: Shop) -> None:
    zone(shop, "germany", "DE")
    offers(shop, "standard", "germany", FREE_ABOVE_50)
    coupon(shop, "NOPOSTAGE", kind="free_shipping", ship_to=["DE"])
    alice = signs_up(shop, "alice@example.com")
    items = [{"sku": "MUG", "quantity": 1}]
    where = {"country": "DE", "postal_code": "10117", "shipping_method": "standard"}

    quote: Any = alice.post("/cart/quote", {"items": items, "codes": ["NOPOSTAGE"], **where}).json
    body = {"email": "alice@example.com", "shipping_address": BERLIN, "shipping_method": "standard"}
    order = ordered(buys(alice, 900, "NOPOSTAGE", **body))
    shop.settle()
    pays(alice, order["id"], "pm_card_visa")
    shop.settle()

    assert quote["totals"] == order["totals"]
    assert (order["totals"]["shipping"], order["totals"]["discount"], order["totals"]["total"]) == (
        eur(490),
        eur(490),
        eur(900),
    )
    assert status_of(alice, order["id"]) == "paid"
    (discount,) = alice.get(f"/orders/{order['id']}/discounts").json["items"]  # type: ignore[index]
    assert discount["shares"] == [{"sku": None, "amount": eur(490)}]
    assert_consistent(shop)
