"""One call while it is carried out: its transaction, and what its events say about it."""

import secrets
import string
import time
from dataclasses import dataclass

from .faults import Faults
from .store import Rows

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True)
class Call:
    """Everything a route may reach. A step without a request (a bank's late answer) has no request_id."""

    rows: Rows
    faults: Faults
    address: str  # our own, for the page that stands for a bank's
    subscribed: frozenset[str] | None  # the event types that go out as webhooks; None for every one
    webhook_url: str | None  # where webhooks go, if anywhere
    api_version: str = API_VERSION
    request_id: str | None = None
    idempotency_key: str | None = None


def new_id(prefix: str, length: int = 24) -> str:
    """An id like Stripe's: the kind, then letters and digits."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def now() -> int:
    """Unix seconds, as every `created` is."""
    return int(time.time())
