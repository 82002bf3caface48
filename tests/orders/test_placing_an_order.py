"""Which orders are accepted, at which prices, and how others are refused."""

from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.bus.contracts.orders import OrderPlaced
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.orders.steps import MUG
from tests.shop import ALICE, Shop

TOTAL = {"amount": 1800, "currency": "EUR"}


def test_an_order_is_placed_at_the_price_that_was_seen_and_published(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    shop.offers("PEN", Money(50, "EUR"))

    answer = shop.as_customer(ALICE).orders({"PEN": 3, "MUG": 2}, Money(1950, "EUR"))

    order: Any = answer.json
    assert answer.status_code == 201
    assert (order["status"], order["customer_id"], order["version"]) == ("placed", str(ALICE), 1)
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("MUG", 2), ("PEN", 3)]
    [published] = shop.published(OrderPlaced)
    assert (published.order_id, published.totals.total, published.totals.shipping) == (order["id"], 1950, 0)


def test_equal_skus_become_one_line(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    twice = {"items": [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 1}], "expected_total": TOTAL}

    order: Any = shop.as_customer(ALICE).post("/orders", twice).json

    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("MUG", 2)]


def test_equal_skus_together_are_limited_to_a_thousand_too(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    lines = [{"sku": "MUG", "quantity": 600}] * 2

    answer = shop.as_customer(ALICE).post("/orders", {"items": lines, "expected_total": TOTAL})

    assert (answer.status_code, answer.json["code"]) == (422, "too_many")  # type: ignore[index]
    assert shop.published(OrderPlaced) == []


def test_a_changed_price_is_refused_with_the_current_total(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    shop.offers("MUG", Money(950, "EUR"), version=2)

    answer = shop.as_customer(ALICE).orders({"MUG": 2}, MUG * 2)

    problem: Any = answer.json
    assert (answer.status_code, problem["code"]) == (409, "price_changed")
    assert problem["total"] == {"amount": 1900, "currency": "EUR"}
    assert shop.published(OrderPlaced) == []


def test_another_currency_is_another_price(shop: Shop) -> None:
    shop.offers("MUG", MUG)

    answer = shop.as_customer(ALICE).orders({"MUG": 2}, Money(1800, "USD"))

    assert (answer.status_code, answer.json["code"]) == (409, "price_changed")  # type: ignore[index]


def test_two_currencies_in_one_order_are_refused(shop: Shop) -> None:
    shop.offers("MUG", MUG)
    shop.offers("PEN", Money(50, "USD"))

    answer = shop.as_customer(ALICE).orders({"MUG": 1, "PEN": 1}, Money(950, "EUR"))

    assert (answer.status_code, answer.json["code"]) == (422, "mixed_currencies")  # type: ignore[index]


def test_an_unknown_sku_is_refused(shop: Shop) -> None:
    answer = shop.as_customer(ALICE).orders({"GHOST": 1}, MUG)

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_sku")  # type: ignore[index]


def test_what_is_no_longer_on_sale_is_refused(shop: Shop) -> None:
    offer = OfferChanged(
        sku="MUG", product_id=str(new_id()), name="Mug", price=900, currency="EUR", on_sale=False, version=1
    )
    shop.receives(offer)

    answer = shop.as_customer(ALICE).orders({"MUG": 2}, MUG * 2)

    assert (answer.status_code, answer.json["code"]) == (422, "not_on_sale")  # type: ignore[index]


@pytest.mark.parametrize(("consumed", "seen"), [(0, 1), (1, 2), (3, 9)])
def test_an_offer_newer_than_our_copy_is_answered_with_retry_after(shop: Shop, consumed: int, seen: int) -> None:
    if consumed:
        shop.offers("MUG", MUG, version=consumed)
    body = {"items": [{"sku": "MUG", "quantity": 2, "version": seen}], "expected_total": TOTAL}

    answer = shop.as_customer(ALICE).post("/orders", body)

    problem: Any = answer.json
    assert (answer.status_code, problem["code"], problem["retry_after"]) == (409, "offer_not_known_yet", 1)


def test_an_offer_as_old_as_our_copy_or_older_is_accepted(shop: Shop) -> None:
    shop.offers("MUG", MUG, version=3)
    body = {"items": [{"sku": "MUG", "quantity": 2, "version": 2}], "expected_total": TOTAL}

    answer = shop.as_customer(ALICE).post("/orders", body)

    assert answer.status_code == 201


def test_an_older_offer_consumed_late_changes_no_price(shop: Shop) -> None:
    shop.offers("MUG", MUG, version=2)
    shop.offers("MUG", Money(1, "EUR"), version=1)

    answer = shop.as_customer(ALICE).orders({"MUG": 2}, MUG * 2)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": [{"sku": "MUG", "quantity": 2}]},
        {"items": [], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 0}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": -1}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 1001}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 1.5}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": "2"}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": True}], "expected_total": TOTAL},
        {"items": [{"sku": "MU\0G", "quantity": 2}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 2, "price": 1}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 2, "version": 0}], "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 2}] * 101, "expected_total": TOTAL},
        {"items": [{"sku": "MUG", "quantity": 2}], "expected_total": TOTAL, "status": "paid"},
        {"items": [{"sku": "MUG", "quantity": 2}], "expected_total": TOTAL, "customer_id": str(new_id())},
        {"items": [{"sku": "MUG", "quantity": 2}], "expected_total": {"amount": 18.5, "currency": "EUR"}},
        {"items": [{"sku": "MUG", "quantity": 2}], "expected_total": {"amount": 1800, "currency": "eur"}},
        {"items": "MUG", "expected_total": TOTAL},
        [],
    ],
)
def test_nonsense_is_refused(shop: Shop, body: Any) -> None:
    shop.offers("MUG", MUG)

    answer = shop.as_customer(ALICE).post("/orders", body)

    assert answer.status_code == 422
    assert shop.published(OrderPlaced) == []


def test_guests_cannot_order(shop: Shop) -> None:
    shop.offers("MUG", MUG)

    answer = shop.as_guest().orders({"MUG": 2}, MUG * 2)

    assert answer.status_code == 401
