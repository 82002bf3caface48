"""A purchase by a client that makes all its requests in one trace."""

from collections.abc import Mapping
from typing import Any

from app.kernel.money import Money
from tests.journeys.steps import PASSWORD, pays, stocks
from tests.shop import Caller, Shop

MUG = Money(900, "EUR")
EMAIL, NAME = "ada.lovelace@shop.example.com", "Ada Lovelace"


def sells_mugs(shop: Shop) -> None:
    """Ten units in stock, and every module has consumed the events of it."""
    stocks(shop, "MUG", MUG, on_hand=10)


def buys_a_mug(shop: Shop, sent: Mapping[str, str]) -> tuple[Caller, str]:
    """Register, sign in, fill a cart, order and pay, with these headers. Returns the customer, and the order's id."""
    guest = Caller(shop.door, dict(sent))
    guest.post("/users", {"email": EMAIL, "password": PASSWORD, "name": NAME})
    token: Any = guest.post("/auth/login", {"email": EMAIL, "password": PASSWORD}).json
    customer = Caller(shop.door, {**sent, "Authorization": f"Bearer {token['access_token']}"})
    customer.put("/cart/items/MUG", {"quantity": 2})
    total: Any = customer.get("/cart").json
    answer = customer.post("/orders", {"expected_total": total["total"]})
    assert answer.status_code == 201, answer.text
    order: Any = answer.json
    shop.settle()
    assert pays(customer, order["id"], "pm_card_visa").status_code == 200
    shop.settle()
    return customer, order["id"]
