"""A cart is always shown, also when it cannot be ordered; the response lists the problems that prevent it."""

from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.kernel.ids import new_id
from app.kernel.money import MAX_AMOUNT, Money
from app.modules.orders.infrastructure import tables
from tests.orders.steps import MUG
from tests.shop import ALICE, Caller, Shop


@pytest.fixture
def alice(shop: Shop) -> Caller:
    """A customer with two mugs and a pen in her cart."""
    shop.offers("MUG", MUG)
    shop.offers("PEN", Money(50, "EUR"))
    caller = shop.as_customer(ALICE)
    caller.put("/cart/items/MUG", {"quantity": 2})
    caller.put("/cart/items/PEN", {"quantity": 1})
    return caller


def cart_of(caller: Caller) -> Any:
    answer = caller.get("/cart")
    assert answer.status_code == 200, answer.json
    return answer.json


def problems_of(caller: Caller) -> list[tuple[str, str | None]]:
    return [(each["code"], each["sku"]) for each in cart_of(caller)["problems"]]


def refusal(caller: Caller) -> str:
    """The code of the error when the cart is ordered."""
    expected = cart_of(caller)["total"] or {"amount": 1, "currency": "EUR"}
    answer: Any = caller.post("/orders", {"expected_total": expected})
    assert answer.status_code == 422
    return str(answer.json["code"])


def goes_off_sale(shop: Shop, sku: str) -> None:
    off_sale = OfferChanged(
        sku=sku, product_id=str(new_id()), name=sku, price=900, currency="EUR", on_sale=False, version=9
    )
    shop.receives(off_sale)


def test_what_is_no_longer_on_sale_is_a_problem_and_the_rest_can_be_ordered_without_it(
    shop: Shop, alice: Caller
) -> None:
    goes_off_sale(shop, "MUG")

    assert problems_of(alice) == [("not_on_sale", "MUG")]
    assert refusal(alice) == "not_on_sale"
    alice.delete("/cart/items/MUG")
    assert problems_of(alice) == []
    assert alice.post("/orders", {"expected_total": cart_of(alice)["total"]}).status_code == 201


def test_a_sku_without_a_known_offer_is_still_shown(shop: Shop, alice: Caller) -> None:
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(tables.offers.delete().where(tables.offers.c.sku == "MUG"))

    cart = cart_of(alice)

    assert [(line["sku"], line["quantity"], line["unit_price"]) for line in cart["lines"]] == [
        ("MUG", 2, None),
        ("PEN", 1, {"amount": 50, "currency": "EUR"}),
    ]
    assert (problems_of(alice), cart["total"]["amount"]) == ([("unknown_sku", "MUG")], 50)
    assert refusal(alice) == "unknown_sku"


def test_a_total_that_is_too_large_is_a_problem_and_can_be_lowered(shop: Shop, alice: Caller) -> None:
    shop.offers("MUG", Money(MAX_AMOUNT // 10, "EUR"), version=2)
    put: Any = alice.put("/cart/items/MUG", {"quantity": 1000})

    assert (put.status_code, put.json["total"]) == (200, None)
    assert problems_of(alice) == [("total_too_large", None)]
    assert refusal(alice) == "total_too_large"
    assert alice.put("/cart/items/MUG", {"quantity": 1}).json["problems"] == []  # type: ignore[index]


def test_a_total_above_the_maximum_amount_does_not_hide_the_cart(shop: Shop, alice: Caller) -> None:
    for sku in ("MUG", "PEN"):
        shop.offers(sku, Money(MAX_AMOUNT, "EUR"), version=2)

    assert problems_of(alice) == [("total_too_large", None)]
    assert alice.delete("/cart/items/MUG").status_code == 204
    assert cart_of(alice)["total"]["amount"] == MAX_AMOUNT


def test_prices_in_two_currencies_are_shown_and_not_added_up(shop: Shop, alice: Caller) -> None:
    shop.offers("PEN", Money(50, "JPY"), version=2)

    assert (problems_of(alice), cart_of(alice)["total"]) == ([("mixed_currencies", None)], None)
    assert refusal(alice) == "mixed_currencies"


def test_a_cart_with_nothing_on_sale_has_no_total(shop: Shop, alice: Caller) -> None:
    goes_off_sale(shop, "MUG")
    goes_off_sale(shop, "PEN")

    assert problems_of(alice) == [("not_on_sale", "MUG"), ("not_on_sale", "PEN")]
    assert cart_of(alice)["total"] is None
