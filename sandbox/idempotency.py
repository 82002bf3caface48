"""Idempotency keys by Stripe's rules: the same request gets the first answer again, and two at once have one effect."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .clock import now
from .refusals import Refused
from .store import Rows

LIFETIME = 24 * 3600  # seconds; after that a key counts as new, as at Stripe


@dataclass(frozen=True)
class Key:
    """An Idempotency-Key and the request that it was sent with. Each API key has its own set of keys."""

    account: str
    key: str
    endpoint: str
    fingerprint: str


@dataclass(frozen=True)
class StoredAnswer:
    """A stored answer, and the id of the request that it answered."""

    request: str
    status: int
    body: bytes


def key_from(api_key: str, key: str, method: str, path: str, pairs: list[tuple[str, str]]) -> Key:
    """Build the key of this request. Only a digest of the API key is stored."""
    if len(key) > 255:
        message = "Idempotency keys must be at most 255 characters long."
        raise Refused(400, "idempotency_error", message, stored=False)
    parameters = hashlib.sha256(json.dumps(sorted(pairs)).encode()).hexdigest()
    return Key(hashlib.sha256(api_key.encode()).hexdigest()[:16], key, f"{method} {path}", parameters)


class InFlight:
    """The keys whose first request is in progress."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[tuple[str, str]] = set()

    @contextmanager
    def alone(self, key: Key | None) -> Iterator[None]:
        """Raises Refused (409) while another request with this key is in progress."""
        if key is None:
            yield
            return
        name = (key.account, key.key)
        with self._lock:
            if name in self._keys:
                message = f"There is currently another in-progress request using this Idempotent Key: {key.key}. "
                message += "Please try again later."
                raise Refused(409, "idempotency_error", message, code="idempotency_key_in_use", stored=False)
            self._keys.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(name)


def earlier_answer(rows: Rows, key: Key) -> StoredAnswer | None:
    """Return the answer stored for this key. Raises Refused if the key was used for another request."""
    rows.run("DELETE FROM answers WHERE created < ?", (now() - LIFETIME,))
    query = "SELECT endpoint, fingerprint, request, status, body FROM answers WHERE account = ? AND key = ?"
    row = rows.run(query, (key.account, key.key)).fetchone()
    if row is None:
        return None
    endpoint, fingerprint, *answer = row
    if (endpoint, fingerprint) != (key.endpoint, key.fingerprint):
        same = f"for the same endpoint ({endpoint})" if endpoint != key.endpoint else "with the same parameters"
        message = f"Keys for idempotent requests can only be used {same} they were first used with. "
        message += f"Try using a key other than '{key.key}' if you meant to execute a different request."
        raise Refused(400, "idempotency_error", message, stored=False)
    return StoredAnswer(*answer)


def store_answer(rows: Rows, key: Key, answer: StoredAnswer) -> None:
    """Store the answer, in the transaction of its effect."""
    values = (key.account, key.key, key.endpoint, key.fingerprint, answer.request, answer.status, answer.body, now())
    columns = "account, key, endpoint, fingerprint, request, status, body, created"
    rows.run(f"INSERT INTO answers ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
