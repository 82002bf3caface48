"""Goods that need no shipping are not packed, and an order of nothing else is delivered from the start."""

from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.orders.shipping import packs
from tests.orders.steps import MUG, receives
from tests.shop import ALICE, Shop

EBOOK = Money(500, "EUR")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """The shop with an offer of mugs, and one of an e-book."""
    shop.offers("MUG", MUG)
    shop.receives(
        OfferChanged(
            sku="EBOOK", product_id=str(new_id()), name="E-book", price=500, currency="EUR", on_sale=True, version=1,
            ships=False,
        )
    )  # fmt: skip
    return shop


def paid(shop: Shop, basket: dict[str, int], total: Money) -> dict[str, Any]:
    answer: Any = shop.as_customer(ALICE).orders(basket, total)
    receives(shop, answer.json["id"], "stock_reserved", "payment_authorized", "payment_captured")
    order: dict[str, Any] = shop.as_customer(ALICE).get(f"/orders/{answer.json['id']}").json  # type: ignore[assignment]
    return order


def test_an_order_that_needs_no_shipping_is_never_to_be_packed(shop: Shop) -> None:
    order = paid(shop, {"EBOOK": 2}, EBOOK * 2)
    to_pack: Any = shop.as_staff().get("/orders", query_string={"status": "paid", "fulfilment": "none"}).json

    assert (order["status"], order["fulfilment"], to_pack["items"]) == ("paid", "delivered", [])
    refused: Any = packs(shop, order["id"]).json
    assert refused["code"] == "nothing_left_to_pack"


def test_only_what_ships_is_packed(shop: Shop) -> None:
    order = paid(shop, {"EBOOK": 1, "MUG": 1}, EBOOK + MUG)

    packed: Any = packs(shop, order["id"]).json

    assert order["fulfilment"] == "none"
    assert packed["lines"] == [{"sku": "MUG", "quantity": 1}]


def test_a_repeated_request_shows_the_order_as_it_was_placed(shop: Shop) -> None:
    alice, key = shop.as_customer(ALICE), {"Idempotency-Key": str(new_id())}
    body = {"items": [{"sku": "EBOOK", "quantity": 1}], "expected_total": {"amount": 500, "currency": "EUR"}}

    first, second = (alice.post("/orders", body, headers=key).json for _ in range(2))

    assert first == second
    assert first["fulfilment"] == "delivered"  # type: ignore[index]
