"""Complete purchases through the API, from POST /orders to paid."""

import threading
import time
import uuid
from statistics import quantiles
from typing import Any

from bench.load import Measured
from bench.shop import Running

API = "/api/v1"
TIMEOUT = 60  # seconds


def sign_up(shop: Running) -> str:
    """Register a customer and sign in. Returns the access token."""
    account = {"email": f"bench-{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex, "name": "Bench"}
    shop.call("POST", f"{API}/users", account)
    credentials = {"email": account["email"], "password": account["password"]}
    return str(shop.call("POST", f"{API}/auth/login", credentials)["access_token"])


def some_variant(shop: Running) -> Any:
    """The variant of the demo mugs with the most units in stock: thousands, so that no measurement uses them up."""
    products = shop.call("GET", f"{API}/products?q=mug&in_stock=true&limit=100")["items"]
    found = [shop.call("GET", f"{API}/products/{product['slug']}")["variants"] for product in products]
    return max((variant for variants in found for variant in variants), key=lambda each: each["available"])


def purchases(shop: Running, sku: str, price: dict[str, Any], buyers: int, each: int) -> Measured:
    """Purchases by `buyers` concurrent customers, who make `each` purchases one after the other."""
    tokens = [sign_up(shop) for _ in range(buyers)]
    done: list[tuple[float, int]] = []

    def shopping(token: str) -> None:
        for _ in range(each):
            done.append(buy(shop, token, sku, price))

    start = time.perf_counter()
    threads = [threading.Thread(target=shopping, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    assert len(done) == buyers * each, f"only {len(done)} of {buyers * each} purchases were completed"
    cuts = quantiles((seconds for seconds, _ in done), n=100)
    return Measured(len(done) / took, cuts[49], cuts[98], sum(gets for _, gets in done) / len(done))


def buy(shop: Running, token: str, sku: str, price: dict[str, Any]) -> tuple[float, int]:
    """Make one purchase, waiting with `?wait=` for each change. Returns its seconds until paid, and its GETs."""
    body = {"items": [{"sku": sku, "quantity": 1}], "expected_total": price}
    start, gets = time.perf_counter(), 0

    def get(path: str) -> Any:
        nonlocal gets
        gets += 1
        assert time.perf_counter() - start < TIMEOUT, f"order {order['id']} is still {order['status']}"
        return shop.call("GET", f"{API}{path}", token=token)

    order = shop.call("POST", f"{API}/orders", body, token, key=str(uuid.uuid4()))
    payment: Any = None
    while not payment or not payment["client_secret"]:
        [payment] = get(f"/payments?order_id={order['id']}&wait=10")["items"] or [None]
    how = {"payment_method": "pm_card_visa"}
    shop.call("POST", f"{API}/payments/{payment['id']}/confirm", how, token, key=str(uuid.uuid4()))
    while order["status"] != "paid":
        order = get(f"/orders/{order['id']}?wait=10&version={order['version']}")
    return time.perf_counter() - start, gets
