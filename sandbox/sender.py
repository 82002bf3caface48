"""Sends the signed webhooks, one at a time, until each gets a 2xx."""

import hashlib
import hmac
import threading
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from .deliveries import record, seconds_until_next, take_due
from .store import Store

TIMEOUT = 10.0  # seconds for an answer


def signature(payload: bytes, secrets: tuple[str, ...], timestamp: int) -> str:
    """Return the Stripe-Signature header, with one signature for each secret while secrets are rotated."""
    signed = str(timestamp).encode() + b"." + payload
    proofs = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={proof}" for proof in proofs)])


class Sender:
    """A thread that sleeps until a transaction wakes it or the next attempt is due."""

    def __init__(self, store: Store, url: str, secrets: tuple[str, ...]) -> None:
        self._store, self._secrets = store, secrets
        parts = urlsplit(url)
        self._target = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
        self._connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT)
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Start, and continue with webhooks that were not delivered before a restart."""
        self._thread.start()

    def wake(self) -> None:
        """Check for due webhooks now. Called after a commit."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the attempt in progress, but do not wait for a slow receiver."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(2)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            with self._store.transaction() as rows:
                due = take_due(rows)
                pause = 0.0 if due else seconds_until_next(rows)
            if due is None:
                self._wake.wait(pause)
                continue
            answer, delivered = self._post(due.payload.encode())
            with self._store.transaction() as rows:
                record(rows, due.event, answer, delivered=delivered)

    def _post(self, payload: bytes) -> tuple[str, bool]:
        reused = self._connection.sock is not None
        try:
            return self._try(payload)
        except (OSError, HTTPException) as error:
            self._connection.close()
            if not reused or isinstance(error, TimeoutError):
                return f"{type(error).__name__}: {error}", False
        try:  # the receiver had closed the idle connection, so this does not count as an attempt
            return self._try(payload)
        except (OSError, HTTPException) as error:
            self._connection.close()
            return f"{type(error).__name__}: {error}", False

    def _try(self, payload: bytes) -> tuple[str, bool]:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (sandbox)",
            "Stripe-Signature": signature(payload, self._secrets, int(time.time())),
        }
        self._connection.request("POST", self._target, payload, headers)
        response = self._connection.getresponse()
        response.read()
        return str(response.status), 200 <= response.status < 300
