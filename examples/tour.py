"""Buy something through the API, print the timeline of the order as it grows, and have it packed and sent. Standard
library only.

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
PARTS = ("items", "discount", "shipping", "tax", "total")  # of the money of an order
ADDRESS = {
    "name": "A. Tourist",
    "line1": "Unter den Linden 1",
    "postal_code": "10117",
    "city": "Berlin",
    "country": "DE",
}
CODE = "WELCOME10"  # of the demo
PAID, ENDED = {"paid", "confirmed"}, {"cancelled", "refunded"}
STAFF = {"email": "staff@quartet.example", "password": "four parts one tune"}  # of the demo accounts
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
        status, answer = self.ask(method, path, body, key)
        if status >= 400:
            sys.exit(f"  the shop refused: {answer.get('detail', status)} ({answer.get('code')})")
        return answer

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        """The status and the JSON of the response."""
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

    def _until_answered(self, request: Request) -> tuple[int, Any]:
        deadline, reported = time.monotonic() + TIMEOUT, False
        while time.monotonic() < deadline:
            try:
                status, body = self._answered(request)
                answer = json.loads(body or b"null")
                if status < 400 or (status < 500 and "retry_after" not in answer):
                    return status, answer
                time.sleep((answer or {}).get("retry_after", 0.5))
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
    email = sign_up(shop)
    fill_cart(shop, sku)
    order = shop.call("POST", "/orders", delivery(shop, email), key=str(uuid.uuid4()))
    report("orders", f"order {order['number']} is {order['status']}")
    for part in PARTS:
        if order["totals"][part]["amount"] or part in {"items", "total"}:
            included = " (included)" * (part == "tax" and order["totals"]["tax_included"])
            report("orders", f"  {part:<10}{money(order['totals'][part]):>12}{included}")
    seen = watch(shop, order["id"], 0, lambda status: status != "placed")
    pay(shop, order["id"], args.card)
    seen = watch(shop, order["id"], seen, lambda status: status in PAID | ENDED)
    status = shop.call("GET", "/orders/" + order["id"])["status"]
    if status in PAID:
        sent = send(shop, order["id"])
        watch(shop, order["id"], seen, lambda status: status in {"paid"} | ENDED)
        if sent:
            track(shop, order["id"])
    for each in shop.call("GET", f"/orders/{order['id']}/documents")["items"]:
        taxes = ", ".join(f"{tax['name']} {tax['ppm'] / 10_000:g} % {money(tax['amount'])}" for tax in each["taxes"])
        number = f"{each['series']}-{each['number']}"
        report("orders", f"{each['kind']} {number} of {money(each['amount'])} ({taxes or 'no tax'})")
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


def sign_up(shop: Client) -> str:
    """Register a new customer and sign in. Returns the e-mail address."""
    account = {"email": f"tour-{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex, "name": "Tourist"}
    shop.call("POST", "/users", account)
    signed_in = shop.call("POST", "/auth/login", {"email": account["email"], "password": account["password"]})
    shop.token = signed_in["access_token"]
    report("users", f"registered {account['email']} and signed in")
    return account["email"]


def fill_cart(shop: Client, sku: str) -> None:
    """Put two units into the cart, and the coupon of the demo, if the shop knows it."""
    shop.call("PUT", f"/cart/items/{sku}", {"quantity": 2})
    status, _ = shop.ask("PUT", f"/cart/codes/{CODE}")
    if status < 400:
        report("orders", f"code {CODE} is in the cart")
    cart = shop.call("GET", "/cart")
    report("orders", f"cart: 2 × {sku}, {money(cart['total'])}")


def delivery(shop: Client, email: str) -> dict[str, Any]:
    """What to send with the order: the cheapest method that ships the cart, an address, and the total with it. A shop
    that does not ship needs the total only.
    """
    quote = shop.call("POST", "/cart/quote", {"country": ADDRESS["country"], "postal_code": ADDRESS["postal_code"]})
    if not quote["methods"]:
        return {"expected_total": quote["totals"]["total"]}
    for each in quote["methods"]:
        report("orders", f"{each['name']} by {each['carrier']}, {days(each)}: {money(each['price'])}")
    method = min(quote["methods"], key=lambda each: int(each["price"]["amount"]))
    total = method["totals"]["total"]
    return {"expected_total": total, "email": email, "shipping_method": method["code"], "shipping_address": ADDRESS}


def days(method: Any) -> str:
    """How long a method takes."""
    first, last = method["min_days"], method["max_days"]
    return f"{first} to {last} days" if first < last else f"{last} day{'s' * (last != 1)}"


def send(shop: Client, order_id: str) -> bool:
    """Have staff pack and dispatch the order. Returns False if the shop has no account of the demo for that."""
    staff = Client(shop.base)
    staff.trace = shop.trace
    status, signed_in = staff.ask("POST", "/auth/login", STAFF)
    if status >= 400:
        report("tour", "the shop has no demo account of staff: nobody packs the order")
        return False
    staff.token = signed_in["access_token"]
    path, parcel = f"/orders/{order_id}/shipments", {"carrier": "DHL", "tracking_number": "00340434161094021501"}
    key, deadline = str(uuid.uuid4()), time.monotonic() + TIMEOUT
    status, shipment = staff.ask("POST", path, {}, key)
    while status == 409 and shipment["code"] == "not_paid" and time.monotonic() < deadline:
        time.sleep(0.1)  # it is confirmed, and its money is taken just now
        status, shipment = staff.ask("POST", path, {}, key)
    if status >= 400:
        sys.exit(f"  the order cannot be packed: {shipment['detail']} ({shipment['code']})")
    staff.call("POST", f"{path}/{shipment['id']}/dispatch", parcel)
    report("orders", "staff packed and dispatched the order")
    return True


def track(shop: Client, order_id: str) -> None:
    """Show the customer where the parcel is."""
    for each in shop.call("GET", f"/orders/{order_id}/shipments")["items"]:
        units = ", ".join(f"{line['quantity']} × {line['sku']}" for line in each["lines"])
        report("orders", f"shipment of {units} is {each['status']}: {each['carrier']} {each['tracking_number']}")


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
