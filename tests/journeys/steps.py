"""Steps of the journeys: what staff and customers do."""

import json
import time
from typing import Any
from urllib.request import urlopen

from werkzeug.test import TestResponse

from app.kernel import clock
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.use_cases.products.add_product import AddProduct
from tests.conftest import MAX_SLOWDOWN
from tests.invariants import assert_invariants
from tests.shop import Caller, Shop

PASSWORD = "correct horse battery staple"


def stocks(shop: Shop, sku: str, price: Money, on_hand: int) -> None:
    """Add a product with one SKU and its stock, and settle, so that every module has its copy."""
    product = Product(id=new_id(), slug=sku.lower(), name=sku.title(), description="", created_at=clock.now())
    variant = Variant(sku=sku, product_id=product.id, amount=price.amount, currency=price.currency)
    with shop.modules["catalog"].transaction() as uow:
        AddProduct(uow).execute(product, [variant])
        uow.stock.receive(sku, on_hand, "test", "opening stock")
    shop.settle()


def signs_up(shop: Shop, email: str) -> Caller:
    """Register a new customer and sign in."""
    shop.as_guest().post("/users", {"email": email, "password": PASSWORD, "name": "A Customer"})
    return signs_in(shop, email)


def signs_in(shop: Shop, email: str, *, settle: bool = True) -> Caller:
    """Sign in as a registered customer; without `settle` where the shop's own threads carry its events."""
    token: Any = shop.as_guest().post("/auth/login", {"email": email, "password": PASSWORD}).json
    if settle:
        shop.settle()
    return Caller(shop.door, {"Authorization": f"Bearer {token['access_token']}"})


def pays(customer: Caller, order_id: str, card: str, key: str | None = None) -> TestResponse:
    """Confirm the order's payment with a test card. `key`: the Idempotency-Key, for a request that may be repeated."""
    found: Any = customer.get(f"/payments?order_id={order_id}").json
    (payment,) = found["items"]
    return customer.post(f"/payments/{payment['id']}/confirm", {"payment_method": card}, key)


def places(shop: Shop, customer: Caller, sku: str, quantity: int, price: Money, *, settle: bool = True) -> str:
    """Place an order; returns its id."""
    answer = customer.orders({sku: quantity}, price * quantity)
    assert answer.status_code == 201, answer.text
    if settle:
        shop.settle()
    return str(answer.json["id"])  # type: ignore[index]


def buys(shop: Shop, customer: Caller, sku: str, quantity: int, price: Money) -> str:
    """Place an order and pay for it; returns its id."""
    order_id = places(shop, customer, sku, quantity, price)
    assert pays(customer, order_id, "pm_card_visa").status_code == 200
    shop.settle()
    return order_id


def stock_of(shop: Shop, sku: str) -> tuple[int, int]:
    """The units on hand, and the units held."""
    level: Any = shop.as_staff().get(f"/stock/{sku}").json
    return level["on_hand"], level["held"]


def assert_consistent(shop: Shop) -> None:
    """Check the invariants of all four databases, and that Stripe has captured no order twice.

    On a busy machine the threads of the shop may still have an event to send: then it checks again.
    """
    urls = {name: module.database.url for name, module in shop.modules.items()}
    deadline = time.monotonic() + 30 * MAX_SLOWDOWN
    while True:
        with urlopen(f"{shop.own['payments'].stripe_base}/sandbox/state", timeout=60) as response:
            captures = json.load(response)["captures_by_order"]
        try:
            return assert_invariants(urls, captures)
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
