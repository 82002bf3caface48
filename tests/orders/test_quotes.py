"""A quote is what an order of the same items would cost; it is open to guests, and stores nothing."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.bus.contracts.catalog import OfferChanged
from app.bus.tables import outbox
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.orders.infrastructure import tables
from tests.orders.steps import MUG
from tests.shop import ALICE, Caller, Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The shop with an offer of mugs and one of pens."""
    shop.offers("MUG", MUG)
    shop.offers("PEN", Money(50, "EUR"))
    return shop


def items(*wanted: tuple[str, int]) -> dict[str, Any]:
    return {"items": [{"sku": sku, "quantity": quantity} for sku, quantity in wanted]}


def test_an_order_costs_what_was_quoted(shop: Shop) -> None:
    alice = shop.as_customer(ALICE)
    wanted = items(("PEN", 3), ("MUG", 2), ("PEN", 1))

    answer = alice.post("/cart/quote", wanted)
    quote: Any = answer.json
    order: Any = alice.post("/orders", {**wanted, "expected_total": quote["totals"]["total"]}).json

    assert answer.status_code == 200
    assert quote["totals"]["total"] == {"amount": 2000, "currency": "EUR"}
    assert quote["totals"] == order["totals"]
    assert quote["lines"] == [{name: line[name] for name in quote["lines"][0]} for line in order["lines"]]


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_cart_is_quoted_unless_items_are_given(shop: Shop, signed_in: bool) -> None:
    who = shop.as_customer(ALICE) if signed_in else shop.as_guest()
    token = who.put("/cart/items/MUG", {"quantity": 2}).headers.get("X-Cart-Token")
    who = Caller(shop.door, {**who.headers, **({"X-Cart-Token": token} if token else {})})

    assert quoted(who.post("/cart/quote", {})) == 1800
    assert quoted(who.post("/cart/quote", items(("PEN", 1)))) == 50


def test_the_cart_of_a_guest_who_signs_in_is_merged_and_quoted(shop: Shop) -> None:
    token = shop.as_guest().put("/cart/items/MUG", {"quantity": 2}).headers["X-Cart-Token"]
    alice = Caller(shop.door, {**shop.as_customer(ALICE).headers, "X-Cart-Token": token})

    assert quoted(alice.post("/cart/quote", {})) == 1800
    assert quoted(shop.as_customer(ALICE).post("/cart/quote", {})) == 1800, "it is the cart of Alice now"


def test_nothing_is_stored(shop: Shop) -> None:
    before = rows(shop)

    shop.as_guest().post("/cart/quote", items(("MUG", 1)))

    assert rows(shop) == before


def rows(shop: Shop) -> list[Any]:
    """The number of rows in each table of orders."""
    every = (outbox, *tables.metadata.sorted_tables)
    with shop.modules["orders"].database.begin() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) for table in every]


def test_what_cannot_be_ordered_cannot_be_quoted(shop: Shop) -> None:
    shop.receives(
        OfferChanged(
            sku="OLD", product_id=str(new_id()), name="Old", price=50, currency="EUR", on_sale=False, version=1
        )
    )
    shop.offers("CENT", Money(1, "EUR"))
    refused = {
        "empty_order": {},
        "unknown_sku": items(("CUP", 1)),
        "not_on_sale": items(("OLD", 1)),
        "too_many": items(("MUG", 1000), ("MUG", 1)),
        "total_too_small": items(("CENT", 1)),
        "offer_not_known_yet": {"items": [{"sku": "MUG", "quantity": 1, "version": 99}]},
        "invalid_request": {"items": []},
    }

    for code, body in refused.items():
        answer: Any = shop.as_guest().post("/cart/quote", body)
        placed: Any = shop.as_customer(uuid4()).post(
            "/orders", {**body, "expected_total": {"amount": 1, "currency": "EUR"}}
        )
        assert answer.json["code"] == code
        assert (answer.status_code, code) == (placed.status_code, placed.json["code"])


def quoted(answer: Any) -> int:
    assert answer.status_code == 200, answer.json
    return int(answer.json["totals"]["total"]["amount"])
