"""A shop in real processes on real ports, which tests can kill."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import BROKEN_OFF, MAX_SLOWDOWN, PYTHON_THAT_ENDS_WITH_US, ROOT, answers, free_port, until
from tests.invariants import assert_invariants
from tests.shop import GENEROUS, INVOICING
from tests.topologies import command_of

PASSWORD = "correct horse battery staple"
MODULES = ("catalog", "orders", "payments", "users")
QUICK = {"LOG_LEVEL": "warning", **GENEROUS, **INVOICING}


class LiveShop:
    """`flask --app wsgi serve` with its sandbox, on free ports, with its own data folder."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.variables = variables
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "shop.log"
        self.last_death = 0.0  # of a worker that was killed
        self.sent = 0  # requests of `call`, each repetition counted

    def __enter__(self) -> "LiveShop":
        return self

    def __exit__(self, *_: object) -> None:
        """Kills all its processes, also when the test has failed."""
        if self.process and self.process.poll() is None:
            self.die()

    def start(self, **variables: str) -> None:
        """Start it and wait until it is ready."""
        ports = {"PORT": str(self.port), "SANDBOX_PORT": str(self.sandbox_port), "QUARTET_DATA": str(self.folder)}
        environment = {**os.environ, **QUICK, **self.variables, **ports, **variables}
        command = [*PYTHON_THAT_ENDS_WITH_US, "-m", "flask", "--app", "wsgi", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        until(self.is_ready, f"the shop is ready; see {self.log}", seconds=60)
        until(lambda: answers(f"{self.sandbox}/health"), "its sandbox answers")

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the shop ended by itself:\n{self.log.read_text()[-3000:]}"
        return answers(f"{self.url}/readyz")

    def with_crash_points(self, *points: str) -> None:
        """Let its processes, once started, die at these points; but at none until `killed_at` names it."""
        markers = {point: self.folder / f"killed-{point}" for point in points}
        for marker in markers.values():
            marker.touch()
        self.variables["CRASH_AT"] = ",".join(f"{point}@{marker}" for point, marker in markers.items())

    @contextmanager
    def killed_at(self, point: str) -> Iterator[None]:
        """The first process that reaches this crash point inside the block dies there, once. Fails if none did."""
        marker = self.folder / f"killed-{point}"
        self.waits_until_it_may_die()
        marker.unlink()
        try:
            yield
            assert marker.exists(), f"nothing died at {point}"
        finally:
            if marker.exists():
                self.last_death = marker.stat().st_mtime
            marker.touch()  # it does not die during the next test

    def waits_until_it_may_die(self) -> None:
        """Granian ends the shop if a worker dies again before it is 5.5 seconds old."""
        until(lambda: time.time() > self.last_death + 6, "the worker is old enough", 10)

    def kill(self) -> None:
        """Send SIGKILL to the parent only, and wait until its children have ended as well."""
        self.die()
        until(lambda: not answers(f"{self.url}/livez"), "no child goes on serving")

    def die(self) -> None:
        """Send SIGKILL to the parent, without waiting."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Send SIGTERM. Returns the exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(timeout=200)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send one request, with retries while the shop restarts. Returns its status and JSON."""
        asked = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        data = json.dumps(body).encode() if body is not None else None

        def once() -> tuple[int, Any] | None:
            request = Request(f"{self.url}/api/v1{path}", data, asked, method=method)
            self.sent += 1
            try:
                try:
                    with urlopen(request, timeout=15) as response:
                        return response.status, json.load(response)
                except HTTPError as error:
                    return (error.code, json.load(error)) if error.code < 500 else None
            except BROKEN_OFF:  # it was killed during the request, or has not restarted yet
                return None

        answer: tuple[int, Any] = until(once, f"{method} {path} is answered", seconds=30)
        return answer

    def stocks(self, sku: str, price: Money, on_hand: int) -> None:
        """Add a product with one variant."""
        self._beside("stock", sku, str(price.amount), price.currency, str(on_hand))

    def tokens(self, count: int) -> list[str]:
        """Access tokens of `count` customers."""
        return self._beside("tokens", str(count)).split()

    def staff_token(self) -> str:
        """An access token of staff."""
        return self._beside("staff_token").strip()

    def _beside(self, function: str, *words: str) -> str:
        """Run a function of tests/chaos/beside.py in its own process. Returns its output."""
        script = f"from tests.chaos.beside import {function}; import sys; {function}(*sys.argv[1:])"
        own = {**os.environ, **self.variables, "QUARTET_DATA": str(self.folder)}
        command = [sys.executable, "-c", script, *words]
        return subprocess.run(command, cwd=ROOT, env=own, check=True, stdout=subprocess.PIPE, text=True).stdout

    def signs_up(self, email: str) -> str:
        """Register a customer and sign in. Returns the access token."""
        self.call("POST", "/users", {"email": email, "password": PASSWORD, "name": "A Customer"})
        return str(self.call("POST", "/auth/login", {"email": email, "password": PASSWORD})[1]["access_token"])

    def places(self, token: str, sku: str, total: Money) -> str:
        """Order one unit, retrying with the same key whatever fails. Returns the id of the order."""
        signed, key = f"Bearer {token}", str(new_id())
        price = {"amount": total.amount, "currency": total.currency}
        body = {"items": [{"sku": sku, "quantity": 1}], "expected_total": price}

        def placed() -> Any:
            status, order = self.call("POST", "/orders", body, Authorization=signed, Idempotency_Key=key)
            return order if status == 201 else None  # 422 until orders has consumed the offer

        return str(until(placed, "the order is placed", 60)["id"])

    def buys(self, token: str, sku: str, total: Money, card: str = "pm_card_visa") -> str:
        """Order one unit and pay for it. Returns the id of the order."""
        order_id = self.places(token, sku, total)
        self.pays(token, order_id, card)
        return order_id

    def pays(self, token: str, order_id: str, card: str = "pm_card_visa") -> None:
        """Confirm the payment of an order as soon as it is ready, retrying with the same key."""
        signed, key = f"Bearer {token}", str(new_id())

        def payable() -> Any:
            status, found = self.call("GET", f"/payments?order_id={order_id}", Authorization=signed)
            return next((each for each in found["items"] if each["client_secret"]), None) if status == 200 else None

        path = f"/payments/{until(payable, 'the payment is ready', 60)['id']}/confirm"
        status, answer = self.call("POST", path, {"payment_method": card}, Authorization=signed, Idempotency_Key=key)
        assert status == 200, answer

    def order_is(self, token: str, order_id: str, status: str, seconds: float = 45) -> None:
        """Wait until an order reaches a status."""

        def there() -> bool:
            return bool(self.call("GET", f"/orders/{order_id}", Authorization=f"Bearer {token}")[1]["status"] == status)

        until(there, f"order {order_id} is {status}", seconds)

    def settles(self) -> None:
        """Wait until nothing is in progress, then check the invariants."""
        urls = {module: f"sqlite:///{self.folder / module}.sqlite" for module in MODULES}

        def holds() -> bool:
            try:
                assert_invariants(urls, self.captures())
            except AssertionError:
                return False
            return True

        try:
            until(holds, "the invariants hold", seconds=60)
        except AssertionError:
            assert_invariants(urls, self.captures())  # raises with the invariant that does not hold

    def holds_back_the_answer_to(self, call: str) -> None:
        """Let Stripe execute this call, and delay its response."""
        self.breaks_stripe("delay", action=call, when="after", seconds=5)

    def breaks_stripe(self, kind: str, **about: Any) -> None:
        """Let the next calls about payment intents fail in this way."""
        fault = json.dumps({"kind": kind, "path": "/v1/payment_intents", **about}).encode()
        urlopen(Request(f"{self.sandbox}/faults", fault, {"Content-Type": "application/json"}), timeout=60).close()

    def effects_of(self, call: str) -> int:
        """The number of payments for which Stripe has executed the call."""
        statuses = ("requires_payment_method", "requires_capture", "succeeded")  # webhooks take it further
        done = set(statuses[("create", "confirm", "capture").index(call) :])
        return len([intent for intent in self.state()["intents"] if intent["status"] in done])

    def waits_for_the_effect_of(self, call: str, more_than: int = 0) -> None:
        """Wait until Stripe has executed the call for more payments than these."""
        until(lambda: self.effects_of(call) > more_than, f"Stripe did {call}", 30)

    def kill_worker(self) -> None:
        """Send SIGKILL to the worker, which serves and runs the bus; the parent restarts it."""
        self.last_death = time.time()
        os.kill(self.worker(), signal.SIGKILL)

    def worker(self, *, other_than: int = 0) -> int:
        """Wait for the worker, which serves and runs the bus. Returns its process id."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        deadline = time.monotonic() + 30 * MAX_SLOWDOWN
        while self.process.poll() is None and time.monotonic() < deadline:
            for child in children.read_text().split():
                if (command := command_of(int(child))) and int(child) != other_than and b"sandbox" not in command:
                    return int(child)
        raise AssertionError("no worker")

    @property
    def sandbox(self) -> str:
        """The URL of the control API of the sandbox."""
        return f"http://127.0.0.1:{self.sandbox_port}/sandbox"

    def state(self) -> Any:
        """The state of the sandbox."""
        with urlopen(f"{self.sandbox}/state", timeout=60) as response:
            return json.load(response)

    def stock(self, sku: str) -> tuple[int, int]:
        """The units on hand, and the units held."""
        with sqlite3.connect(self.folder / "catalog.sqlite") as connection:
            row = connection.execute("SELECT on_hand, held FROM stock WHERE sku = ?", (sku,)).fetchone()
        connection.close()
        return int(row[0]), int(row[1])

    def captures(self) -> Counter[str]:
        """The number of captures at Stripe, by order."""
        return Counter(self.state()["captures_by_order"])
