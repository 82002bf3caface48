"""Customers who place orders as fast as they can: how long each order then waits for its stock, and the backlog."""

import json
import threading
import time
import uuid
from datetime import datetime
from statistics import quantiles
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from bench.load import Measured
from bench.purchases import API, TIMEOUT, sign_up
from bench.shop import Running

SAMPLE = 200  # orders of which the timeline is read


def flood(shop: Running, sku: str, price: dict[str, Any], customers: int, seconds: float) -> Measured:
    """Accepted orders per second, and the time from placed until the stock is reserved (p50, p99).

    A refused customer waits for as long as Retry-After tells. It also prints how many orders were refused, and how
    long the backlog took.
    """
    tokens = [sign_up(shop) for _ in range(customers)]
    accepted: list[tuple[str, str]] = []
    refused: list[int] = []
    end = time.perf_counter() + seconds

    def ordering(token: str) -> None:
        while time.perf_counter() < end:
            order_id, wait = _order(shop, token, sku, price)
            if order_id:
                accepted.append((order_id, token))
            else:
                refused.append(wait)
                time.sleep(min(wait, max(0.0, end - time.perf_counter())))

    threads = [threading.Thread(target=ordering, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stopped = time.perf_counter()
    waits = [_reserved_after(shop, *order) for order in accepted[:: max(1, len(accepted) // SAMPLE)]]
    drained = time.perf_counter() - stopped
    print(f"  {len(accepted)} orders accepted in {seconds} s, {len(refused)} refused; drained in {drained:.1f} s")
    cuts = quantiles(waits, n=100)
    return Measured(len(accepted) / seconds, cuts[49], cuts[98])


def _order(shop: Running, token: str, sku: str, price: dict[str, Any]) -> tuple[str | None, int]:
    """The id of a new order; or none, and the seconds to wait."""
    body = json.dumps({"items": [{"sku": sku, "quantity": 1}], "expected_total": price}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    headers["Idempotency-Key"] = str(uuid.uuid4())
    request = Request(f"http://127.0.0.1:{shop.port}{API}/orders", body, headers, method="POST")
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:
            return json.load(answer)["id"], 0
    except HTTPError as error:
        with error:
            assert error.code == 503, error.read()[:500]
            return None, int(error.headers["Retry-After"])


def _reserved_after(shop: Running, order_id: str, token: str) -> float:
    """Seconds from placed to reserved, once it is."""
    start = time.perf_counter()
    while time.perf_counter() - start < TIMEOUT:
        at: dict[str, datetime] = {}
        for entry in shop.call("GET", f"{API}/orders/{order_id}/timeline", token=token)["items"]:
            at.setdefault(entry["what"], datetime.fromisoformat(entry["at"]))
        if "stock_reserved" in at:
            return (at["stock_reserved"] - at["placed"]).total_seconds()
        time.sleep(0.05)
    raise AssertionError(f"order {order_id} got no stock")
