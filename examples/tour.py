"""Buy something through the API, and print the timeline of the order as it grows. Standard library only.

    python examples/tour.py --port 5000

If you kill the shop during the tour and start it again, the tour waits and retries its requests with the same
Idempotency-Key, so that the customer pays once.
"""

import argparse
import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

TIMEOUT = 120  # seconds
WIDTH = 10
BEGAN, STOPWATCH = datetime.now(UTC).replace(tzinfo=None), time.monotonic()


class Client:
    """A client of the API. While the shop does not answer, it waits and retries."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.token: str | None = None
        self.cart: str | None = None
        self.trace = uuid.uuid4().hex  # all requests belong to one trace

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The JSON of the response. If the shop refuses the request, prints its error and exits."""
        step = uuid.uuid4().hex[:16]
        headers = {"Content-Type": "application/json", "traceparent": f"00-{self.trace}-{step}-01"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cart:
            headers["X-Cart-Token"] = self.cart
        if key:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        return self._until_answered(Request(self.base + path, data, headers, method=method))

    def _answered(self, request: Request) -> tuple[int, bytes]:
        try:
            with urlopen(request, timeout=30) as response:
                self.cart = response.headers.get("X-Cart-Token", self.cart)
                return response.status, response.read()
        except HTTPError as error:
            return error.code, error.read()

    def _until_answered(self, request: Request) -> Any:
        deadline, reported = time.monotonic() + TIMEOUT, False
        while time.monotonic() < deadline:
            try:
                status, body = self._answered(request)
                if status < 400:
                    return json.loads(body or b"null")
                problem = json.loads(body or b"{}")
                if status < 500 and "retry_after" not in problem:
                    sys.exit(f"  the shop refused: {problem.get('detail', status)} ({problem.get('code')})")
                time.sleep(problem.get("retry_after", 0.5))
            except (OSError, HTTPException):  # the shop is not running, or was killed while it answered
                if not reported:
                    report("tour", "the shop does not answer; waiting until it runs (start it with `make run`)")
                reported = True
                time.sleep(0.3)
        sys.exit(f"no answer from {self.base} for {TIMEOUT} s. Is the shop running? Start it with `make run`.")


def main() -> None:
    """Search, register, fill a cart, place an order, pay it, and print its timeline."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=5000, help="port of the shop (default 5000)")
    options.add_argument("--card", default="pm_card_visa", help="a Stripe test card, such as pm_card_chargeDeclined")
    options.add_argument("--search", default="mug", help="search words for the product to buy")
    args = options.parse_args()
    shop = Client(f"http://127.0.0.1:{args.port}/api/v1")

    sku = find(shop, args.search)
    sign_up(shop)
    total = fill_cart(shop, sku)
    order = shop.call("POST", "/orders", {"expected_total": total}, key=str(uuid.uuid4()))
    report("orders", f"order {order['id']} is {order['status']}, {money(total)}")
    seen = watch(shop, order["id"], 0, lambda status: status != "placed")
    pay(shop, order["id"], args.card)
    watch(shop, order["id"], seen, lambda status: status in {"paid", "cancelled", "refunded"})
    report("tour", f"the order is {shop.call('GET', '/orders/' + order['id'])['status']}")
    report("tour", f"all requests have the trace id {shop.trace}; find it in the log of the shop")


def find(shop: Client, words: str) -> str:
    """Search without an account, and return the SKU of the first product that is in stock."""
    hits = shop.call("GET", f"/products?q={quote(words)}&in_stock=true&limit=3")["items"]
    if not hits:
        sys.exit(f"no product found for {words!r}. Load the demo catalogue with `flask --app wsgi demo load`.")
    for hit in hits:
        report("catalog", f"found {hit['name']}")
    product = shop.call("GET", f"/products/{hits[0]['slug']}")
    variant = next(each for each in product["variants"] if each["available"])
    report("catalog", f"{variant['sku']}: {money(variant['price'])}, {variant['available']} available")
    return str(variant["sku"])


def sign_up(shop: Client) -> None:
    """Register a new customer and sign in."""
    account = {"email": f"tour-{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex, "name": "Tourist"}
    shop.call("POST", "/users", account)
    signed_in = shop.call("POST", "/auth/login", {"email": account["email"], "password": account["password"]})
    shop.token = signed_in["access_token"]
    report("users", f"registered {account['email']} and signed in")


def fill_cart(shop: Client, sku: str) -> Any:
    """Put two units into the cart. Returns its total, which the order must confirm."""
    shop.call("PUT", f"/cart/items/{sku}", {"quantity": 2})
    cart = shop.call("GET", "/cart")
    report("orders", f"cart: 2 × {sku}, {money(cart['total'])}")
    return cart["total"]


def pay(shop: Client, order_id: str, card: str) -> None:
    """Wait for the payment, and confirm it with a test card, as Stripe.js would."""

    def payment() -> Any:
        return next(iter(shop.call("GET", f"/payments?order_id={order_id}&wait=5")["items"]), None)

    deadline = time.monotonic() + TIMEOUT
    while (found := payment()) is None or not found["client_secret"]:
        if time.monotonic() > deadline:
            sys.exit("  the payment is not ready: `flask --app wsgi orders stuck` shows what the order waits for")
        time.sleep(0.05)  # ?wait= returns at once if too many requests are waiting already
    report("payments", f"paying {money(found['amount'])} with {card}")
    shop.call("POST", f"/payments/{found['id']}/confirm", {"payment_method": card}, key=str(uuid.uuid4()))


def watch(shop: Client, order_id: str, seen: int, done: Callable[[str], bool]) -> int:
    """Print new entries of the timeline until the status is `done`. Returns the number of entries seen."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        order = shop.call("GET", f"/orders/{order_id}")
        timeline = shop.call("GET", f"/orders/{order_id}/timeline")["items"]
        for entry in timeline[seen:]:
            detail = ", ".join(f"{name} {value}" for name, value in entry["detail"].items())
            report(entry["module"], f"{entry['what'].replace('_', ' ')}{f' ({detail})' if detail else ''}")
        seen = len(timeline)
        if done(order["status"]):
            return seen
        shop.call("GET", f"/orders/{order_id}?wait=5&version={order['version']}")
    sys.exit("  the order does not change: `flask --app wsgi orders stuck` shows what it waits for")


def money(amount: Any) -> str:
    """Formats an amount in minor units: 19.99 EUR."""
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"


def report(module: str, what: str) -> None:
    """Print one line, with the time at which the tour received it.

    The timeline and the log have the shop's own times. Those are from another clock: printed together with ours, they
    would not be in order.
    """
    now = BEGAN + timedelta(seconds=time.monotonic() - STOPWATCH)
    print(f"  {now.isoformat(timespec='milliseconds')[11:]}  {module:<{WIDTH}}{what}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
