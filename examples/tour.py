"""Buy something, as a customer's client would, and print the order's life as it happens. Standard library only.

    python examples/tour.py --port 5000

Kill the shop in the middle and start it again: the tour waits, repeats with the same keys, and the customer pays once.
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
    """Speaks to the shop; while it is away, waits and repeats."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.token: str | None = None
        self.cart: str | None = None
        self.trace = uuid.uuid4().hex  # all that is asked here is one trace

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The JSON of the answer. Ends the tour with the shop's own words where it refuses."""
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
            except (OSError, HTTPException):  # it is not there, or ended in the middle of its answer
                if not reported:
                    publish("tour", "the shop does not answer; waiting for it (`make run` starts it)")
                reported = True
                time.sleep(0.3)
        sys.exit(f"  nothing answered at {self.base} for {TIMEOUT} s: is the shop running? `make run` starts it.")


def main() -> None:
    """Register, search, fill a cart, order, pay, and watch."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=5000, help="where the shop listens (default 5000)")
    options.add_argument("--card", default="pm_card_visa", help="a Stripe test card, such as pm_card_chargeDeclined")
    options.add_argument("--search", default="mug", help="what to look for")
    asked = options.parse_args()
    shop = Client(f"http://127.0.0.1:{asked.port}/api/v1")

    sku = find(shop, asked.search)
    sign_up(shop)
    total = fill_cart(shop, sku)
    order = shop.call("POST", "/orders", {"expected_total": total}, key=str(uuid.uuid4()))
    publish("orders", f"order {order['id']} is {order['status']}, {money(total)}")
    seen = watch(shop, order["id"], 0, lambda status: status != "placed")
    pay(shop, order["id"], asked.card)
    watch(shop, order["id"], seen, lambda status: status in {"paid", "cancelled", "refunded"})
    publish("tour", f"the order is {shop.call('GET', '/orders/' + order['id'])['status']}")
    publish("tour", f"all of it is trace {shop.trace}, in the log, too")


def find(shop: Client, words: str) -> str:
    """Search as a guest; take the first hit that is in stock."""
    hits = shop.call("GET", f"/products?q={quote(words)}&in_stock=true&limit=3")["items"]
    if not hits:
        sys.exit(f"  nothing found for {words!r}: is the demo catalogue loaded? `flask --app wsgi demo load`")
    for hit in hits:
        publish("catalog", f"found {hit['name']}")
    product = shop.call("GET", f"/products/{hits[0]['slug']}")
    variant = next(each for each in product["variants"] if each["available"])
    publish("catalog", f"{variant['sku']}: {money(variant['price'])}, {variant['available']} available")
    return str(variant["sku"])


def sign_up(shop: Client) -> None:
    """A customer nobody has seen before."""
    account = {"email": f"tour-{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex, "name": "Tourist"}
    shop.call("POST", "/users", account)
    signed_in = shop.call("POST", "/auth/login", {"email": account["email"], "password": account["password"]})
    shop.token = signed_in["access_token"]
    publish("users", f"registered and signed in as {account['email']}")


def fill_cart(shop: Client, sku: str) -> Any:
    """Put two in the cart; the total it shows is the one that is ordered."""
    shop.call("PUT", f"/cart/items/{sku}", {"quantity": 2})
    cart = shop.call("GET", "/cart")
    publish("orders", f"cart: 2 × {sku}, {money(cart['total'])}")
    return cart["total"]


def pay(shop: Client, order_id: str, card: str) -> None:
    """Confirm the payment with a test card, as Stripe.js would."""

    def payment() -> Any:
        return next(iter(shop.call("GET", f"/payments?order_id={order_id}&wait=5")["items"]), None)

    deadline = time.monotonic() + TIMEOUT
    while (found := payment()) is None or not found["client_secret"]:
        if time.monotonic() > deadline:
            sys.exit("  the payment is not ready: `flask --app wsgi orders stuck` says what it waits for")
        time.sleep(0.05)  # it was answered at once where too many wait already
    publish("payments", f"paying {money(found['amount'])} with {card}")
    shop.call("POST", f"/payments/{found['id']}/confirm", {"payment_method": card}, key=str(uuid.uuid4()))


def watch(shop: Client, order_id: str, seen: int, done: Callable[[str], bool]) -> int:
    """Print the timeline as it grows, until the order is there; returns how many lines were seen."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        order = shop.call("GET", f"/orders/{order_id}")
        timeline = shop.call("GET", f"/orders/{order_id}/timeline")["items"]
        for entry in timeline[seen:]:
            detail = ", ".join(f"{name} {value}" for name, value in entry["detail"].items())
            publish(entry["module"], f"{entry['what'].replace('_', ' ')}{f' ({detail})' if detail else ''}")
        seen = len(timeline)
        if done(order["status"]):
            return seen
        shop.call("GET", f"/orders/{order_id}?wait=5&version={order['version']}")
    sys.exit("  the order does not move: `flask --app wsgi orders stuck` says what it waits for")


def money(amount: Any) -> str:
    """19.99 EUR"""
    return f"{amount['amount'] / 100:.2f} {amount['currency']}"


def publish(module: str, what: str) -> None:
    """One line of the story, with the moment at which the tour learned of it.

    The shop's own moments are in the timeline and in the log. They are another clock's: lines with both kinds would
    jump back and forth.
    """
    moment = BEGAN + timedelta(seconds=time.monotonic() - STOPWATCH)
    print(f"  {moment.isoformat(timespec='milliseconds')[11:]}  {module:<{WIDTH}}{what}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
