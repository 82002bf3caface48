"""Four failures in two minutes: start a shop in a temporary folder, break it, and print how it recovers.

    python examples/drill.py

Each drill prints what fails, how the shop recovers, and what the audit finds. The shop runs on SQLite and the Stripe
sandbox. The drill uses its API and flask commands, as any client or operator would. Standard library only.
"""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
TIMEOUT = 300.0  # seconds
CHECKOUT = {"sku": "MUG-BLUE-L", "quantity": 1}
ADDRESS = {"name": "A. Drill", "line1": "Unter den Linden 1", "postal_code": "10117", "city": "Berlin", "country": "DE"}
POISON = "INSERT INTO outbox (event_id, topic, key, type, headers, body, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"


class Shop:
    """`flask --app wsgi serve` with its own data folder, and a client that is signed in as a customer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.sandbox_port = folder, free_port(), free_port()
        self.variables = {"QUARTET_DATA": str(folder), "PORT": str(self.port), "SANDBOX_PORT": str(self.sandbox_port)}
        self.variables |= {"STRIPE_TIMEOUT_SECONDS": "2", "LOG_LEVEL": "warning", "GRACE_SECONDS": "0"}
        self.process: subprocess.Popen[bytes] | None = None
        self.token = ""

    def start(self, *options: str, **variables: str) -> None:
        """Start the shop, and wait until it answers."""
        command, environment = self.command("serve", *options), os.environ | self.variables | variables
        with (self.folder / "shop.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        until(lambda: self.call("GET", "/products?limit=1"), "the shop answers")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=300)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "flask", "--app", "wsgi", *words]

    def flask(self, *words: str) -> str:
        """Run a flask command and return its output. Exit code 1 is accepted: some commands use it for findings."""
        command, environment = self.command(*words), os.environ | self.variables
        try:
            done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            sys.exit(f"flask {' '.join(words)} did not end within {TIMEOUT:.0f} s. {self.log()}")
        if done.returncode not in {0, 1}:
            sys.exit(f"flask {' '.join(words)} failed with exit code {done.returncode}: {done.stderr}")
        return done.stdout.strip()

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """The JSON of the response. While the shop does not answer, retries with the same Idempotency-Key."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid.uuid4())}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"http://127.0.0.1:{self.port}/api/v1{path}", data, headers, method=method)
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                with urlopen(request, timeout=150) as response:
                    return json.load(response)
            except HTTPError as error:
                if error.code < 500 and error.code not in {
                    401,
                    409,
                    422,
                }:  # these codes: the signing key or the price has not arrived yet
                    sys.exit(f"{method} {path}: {error.read().decode()}")
            except (OSError, HTTPException):  # the shop is not running, or was killed while it answered
                pass
            time.sleep(0.2)
        sys.exit(f"no answer to {method} {path}. {self.log()}")

    def log(self) -> str:
        """The end of the shop's log, which is deleted with its folder."""
        return f"The last lines of the shop's log:\n{(self.folder / 'shop.log').read_text()[-4000:]}"

    def sandbox(self, path: str, body: Any = None) -> Any:
        """The JSON of a request to the Stripe sandbox."""
        data = json.dumps(body).encode() if body is not None else None
        with urlopen(Request(f"http://127.0.0.1:{self.sandbox_port}/sandbox/{path}", data), timeout=60) as response:
            return json.load(response)

    def sign_up(self) -> None:
        """Register a new customer and sign in."""
        account = {"email": f"drill-{uuid.uuid4().hex[:12]}@example.com", "password": uuid.uuid4().hex}
        self.call("POST", "/users", {**account, "name": "Drill"})
        self.token = self.call("POST", "/auth/login", account)["access_token"]

    def order(self) -> str:
        """Order a mug, and wait until the order can be paid. Returns its id."""
        placed = self.call("POST", "/orders", {"items": [CHECKOUT], **self.delivery()})
        until(lambda: self.status(placed["id"]) == "awaiting_payment", "the order can be paid")
        return str(placed["id"])

    def delivery(self) -> dict[str, Any]:
        """What an order of the mug needs: the first method that ships it, an address, and the total with it."""
        to = {"country": ADDRESS["country"], "postal_code": ADDRESS["postal_code"]}
        quote = self.call("POST", "/cart/quote", {"items": [CHECKOUT], **to})
        if not quote["methods"]:
            return {"expected_total": quote["totals"]["total"]}
        method = quote["methods"][0]
        contact = {"email": "drill@example.com", "shipping_address": ADDRESS}
        return {"expected_total": method["totals"]["total"], "shipping_method": method["code"], **contact}

    def pay(self, order_id: str, card: str = "pm_card_visa") -> str:
        """Confirm the payment of an order, with retries under one key. Returns the id of the intent at Stripe."""
        found = until(lambda: self.payable(order_id), "the payment is ready")
        self.call("POST", f"/payments/{found['id']}/confirm", {"payment_method": card}, key=str(uuid.uuid4()))
        return str(found["client_secret"].partition("_secret_")[0])

    def payable(self, order_id: str) -> Any:
        """The payment of an order, once it exists at Stripe."""
        items = self.call("GET", f"/payments?order_id={order_id}")["items"]
        return next((each for each in items if each["client_secret"]), None)

    def status(self, order_id: str) -> str:
        return str(self.call("GET", f"/orders/{order_id}")["status"])

    def is_paid(self, order_id: str) -> None:
        """Wait until the order is paid, and print how often Stripe captured the money."""
        until(lambda: self.status(order_id) == "paid", "the order is paid")
        captures = self.sandbox(f"state?order_id={order_id}")["captures_by_order"].get(order_id, 0)
        report(f"the order is paid; Stripe captured the money {'once' if captures == 1 else f'{captures} times'}")


def a_purchase(shop: Shop) -> None:
    """A customer buys a mug, and nothing goes wrong"""
    order_id = shop.order()
    shop.pay(order_id)
    shop.is_paid(order_id)


def a_kill(shop: Shop) -> None:
    """The shop is killed (SIGKILL) after Stripe has confirmed a payment, before the shop has stored the result"""
    marker = shop.folder / "killed"
    shop.stop()
    shop.start(CRASH_AT=f"after_confirm@{marker}")
    order_id = shop.order()
    shop.pay(order_id)
    killed = "yes" if marker.exists() else "no"
    report(f"killed: {killed}; the parent process restarted it, and the client retried with the same Idempotency-Key")
    shop.is_paid(order_id)


def a_lost_webhook(shop: Shop) -> None:
    """A customer completes 3-D Secure at the bank, and Stripe's webhook about it is lost"""
    order_id = shop.order()
    for type in ("requires_action", "amount_capturable_updated"):  # a late one of the first would report the second
        shop.sandbox("faults", {"kind": "webhook_dropped", "type": f"payment_intent.{type}"})
    intent = shop.pay(order_id, "pm_card_threeDSecure2Required")
    shop.sandbox(f"authenticate/{intent}?outcome=success", {})
    report(f"the order is {shop.status(order_id)}; without help the shop would poll Stripe within five minutes")
    report("$ flask payments reconcile")
    for line in shop.flask("payments", "reconcile").splitlines():
        report(f"  {line}")
    report("$ flask orders nudge ID --reason 'no webhook came'")
    shop.flask("orders", "nudge", order_id, "--reason", "no webhook came")
    shop.is_paid(order_id)


def a_poison_event(shop: Shop) -> None:
    """An event that lacks required fields is inserted into the outbox of payments by SQL; then the customer pays"""
    order_id = shop.order()
    type, id = "payments.payment_authorized.v1", uuid.uuid4()
    headers = {"ce_id": str(id), "ce_type": type, "ce_source": "/somewhere", "ce_time": datetime.now(UTC).isoformat()}
    row = (id.hex, "payments", order_id, type, json.dumps(headers), b'{"order_id": "?"}', datetime.now(UTC).isoformat())
    with contextlib.closing(sqlite3.connect(shop.folder / "payments.sqlite", timeout=30)) as database, database:
        database.execute(POISON, row)
    shop.pay(order_id)
    causes = until(lambda: json.loads(shop.flask("bus", "parked", "causes", "--json"))["items"], "the event is parked")
    report(f"$ flask bus parked causes: {causes[0]['cause']}")
    report(f"the order is {shop.status(order_id)}: its later events wait behind the parked one; other orders continue")
    report(f"$ flask bus parked discard {causes[0]['example']} --reason 'inserted by SQL'")
    shop.flask("bus", "parked", "discard", causes[0]["example"], "--reason", "inserted by SQL")
    shop.is_paid(order_id)
    shop.flask("orders", "nudge", order_id, "--reason", "after the discarded event")
    report(f"$ flask orders nudge ID; flask orders stuck: {shop.flask('orders', 'stuck')}")


def a_hanging_stripe(shop: Shop) -> None:
    """Stripe confirms a payment and does not answer: the call takes longer than the timeout of the shop"""
    order_id = shop.order()
    shop.sandbox("faults", {"kind": "delay", "action": "confirm", "when": "after", "seconds": 5})
    began = time.monotonic()
    shop.pay(order_id)
    report(f"the client got its response after {time.monotonic() - began:.0f} s; STRIPE_TIMEOUT_SECONDS is 2")
    shop.is_paid(order_id)


DRILLS: tuple[Callable[[Shop], None], ...] = (a_purchase, a_kill, a_lost_webhook, a_poison_event, a_hanging_stripe)


def main() -> None:
    """Run all drills. The exit code is 1 if an audit finds a discrepancy."""
    clean = True
    with tempfile.TemporaryDirectory(prefix="quartet-drill-") as folder:
        shop = Shop(Path(folder))
        try:
            shop.start("--demo")
            shop.sign_up()
            for number, drill in enumerate(DRILLS):
                print(f"{'' if number == 0 else chr(10)}{number}. {drill.__doc__}.", flush=True)
                drill(shop)
                clean = audited(shop) and clean
        finally:
            shop.stop()
    sys.exit(0 if clean else 1)


def audited(shop: Shop) -> bool:
    """Run the audit and print its result. Returns whether it found no discrepancy."""
    checks = json.loads(shop.flask("audit", "--wait", "10", "--json"))["items"]
    found = [discrepancy["sentence"] for check in checks for discrepancy in check["discrepancies"]]
    names = ", ".join(check["check"] for check in checks)
    report("\n     ".join([f"$ flask audit: {names}: {len(found)} discrepancies", *found]))
    return not found


def until(found: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.1)
    sys.exit(f"timeout after {TIMEOUT:.0f} s, waiting until {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def report(line: str) -> None:
    """Print a line below the title of the drill."""
    print(f"   {line}", flush=True)


if __name__ == "__main__":
    main()
