"""The sandbox as a separate process, the stripe library that uses it, and a receiver of its webhooks."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stripe

from tests import attacks
from tests.conftest import ROOT, answers, free_port, until

SECRETS = ("whsec_new", "whsec_old")
NEVER_REDIRECT: Any = {"enabled": True, "allow_redirects": "never"}


@dataclass
class Delivery:
    """A received webhook, and the status that the receiver answered."""

    body: bytes
    signature: str
    status: int

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A simulated webhook endpoint of a shop: it answers each webhook with `status`."""

    status: int = 200
    got: list[Delivery] = field(default_factory=list)

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed between the head and the body
                    self.close_connection = True
                    return
                status = receiver.status
                receiver.got.append(Delivery(body, self.headers["Stripe-Signature"], status))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def about(self, identity: str) -> list[str]:
        """Return the types of the accepted events about this object, in the order of their arrival."""
        taken = [each.event for each in list(self.got) if each.status == 200]
        return [event["type"] for event in taken if event["data"]["object"]["id"] == identity]


class Sandbox:
    """`python -m sandbox` with its file in this folder."""

    def __init__(self, folder: Path, *options: str, secrets: Sequence[str] = ("whsec_one",)) -> None:
        self.environment = {**os.environ, "STRIPE_WEBHOOK_SECRETS": ",".join(secrets)}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [sys.executable, "-m", "sandbox", "--port", str(self.port)]
        self.command += ["--database", str(folder / "sandbox.sqlite"), *options]
        self.stripe = client(self.url)

    def start(self) -> None:
        """Start the process and wait until it serves."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)
        until(lambda: answers(f"{self.url}/sandbox/health"), "the sandbox is ready")

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Stop it with SIGTERM; returns its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Send one request without the library; returns the status and the JSON."""
        status, _, text = self.ask_raw(method, path, None if body is None else json.dumps(body).encode(), headers)
        return status, json.loads(text)

    def ask_raw(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, str]:
        """Send one request; returns the status, the headers and the text."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            attacks.count(response.status)
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def state(self, order_id: str | None = None) -> Any:
        """Return the state of all orders or of one."""
        return self.ask("GET", "/sandbox/state" + (f"?order_id={order_id}" if order_id else ""))[1]

    def breaks(self, kind: str, **about: Any) -> None:
        """Add a fault."""
        status, answer = self.ask("POST", "/sandbox/faults", {"kind": kind, **about})
        assert status == 201, answer

    def dashboard(self, what: str, **given: Any) -> Any:
        """Do what a person does by hand, or a bank decides; returns the object afterwards."""
        status, answer = self.ask("POST", f"/sandbox/dashboard/{what}", given)
        assert status == 200, answer
        return answer

    def faults(self) -> Any:
        """Return the remaining faults."""
        return self.ask("GET", "/sandbox/faults")[1]["faults"]

    def intent(self, amount: int = 1000, **more: Any) -> stripe.PaymentIntent:
        """Create an intent with manual capture, as payments does."""
        about: Any = {"amount": amount, "currency": "eur", "capture_method": "manual"}
        about["automatic_payment_methods"] = NEVER_REDIRECT
        return self.stripe.v1.payment_intents.create({**about, **more})

    def authorised(self, amount: int = 1000, card: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
        """Create and authorise an intent."""
        return self.stripe.v1.payment_intents.confirm(self.intent(amount, **more).id, {"payment_method": card})

    def captured(self, amount: int = 1000, **more: Any) -> stripe.PaymentIntent:
        """Create, authorise and capture an intent."""
        return self.stripe.v1.payment_intents.capture(self.authorised(amount, **more).id)


def client(url: str, key: str = "sk_test_any", timeout: float = 20) -> stripe.StripeClient:
    """Return a client of the unmodified library, without its own retries."""
    http = stripe.RequestsClient(timeout=timeout)
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=0, http_client=http)
