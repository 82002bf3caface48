"""Complete purchases through the API, from POST /orders to paid."""

import threading
import time
import uuid
from statistics import quantiles
from typing import Any

from bench.load import Measured
from bench.shop import Running

API = "/api/v1"
TIMEOUT = 30  # seconds


def sign_up(shop: Running) -> str:
    """Register a customer and sign in. Returns the access token."""
    account = {"email": f"bench-{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex, "name": "Bench"}
    shop.call("POST", f"{API}/users", account)
    credentials = {"email": account["email"], "password": account["password"]}
    return str(shop.call("POST", f"{API}/auth/login", credentials)["access_token"])


def purchases(shop: Running, sku: str, price: dict[str, Any], buyers: int, each: int) -> Measured:
    """Purchases by `buyers` concurrent customers, who make `each` purchases one after the other."""
    tokens = [sign_up(shop) for _ in range(buyers)]
    times: list[float] = []

    def shopping(token: str) -> None:
        for _ in range(each):
            times.append(buy(shop, token, sku, price))

    start = time.perf_counter()
    threads = [threading.Thread(target=shopping, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    assert len(times) == buyers * each, f"only {len(times)} of {buyers * each} purchases were completed"
    cuts = quantiles(times, n=100)
    return Measured(len(times) / took, cuts[49], cuts[98])


def buy(shop: Running, token: str, sku: str, price: dict[str, Any]) -> float:
    """Make one purchase. Returns the seconds from placing the order until it was paid."""
    body = {"items": [{"sku": sku, "quantity": 1}], "expected_total": price}
    start = time.perf_counter()
    order = shop.call("POST", f"{API}/orders", body, token, key=str(uuid.uuid4()))
    shop.call("GET", f"{API}/orders/{order['id']}?wait=10&version={order['version']}", token=token)
    payment = _ready_payment(shop, token, order["id"], start)
    how = {"payment_method": "pm_card_visa"}
    shop.call("POST", f"{API}/payments/{payment['id']}/confirm", how, token, key=str(uuid.uuid4()))
    while order["status"] != "paid":
        assert time.perf_counter() - start < TIMEOUT, f"order {order['id']} is still {order['status']}"
        order = shop.call("GET", f"{API}/orders/{order['id']}?wait=10&version={order['version']}", token=token)
    return time.perf_counter() - start


def _ready_payment(shop: Running, token: str, order_id: str, start: float) -> Any:
    while True:
        found = shop.call("GET", f"{API}/payments?order_id={order_id}&wait=10", token=token)["items"]
        if found and found[0]["client_secret"]:
            return found[0]
        assert time.perf_counter() - start < TIMEOUT, f"no payment for order {order_id}"
