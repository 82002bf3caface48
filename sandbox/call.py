"""The context of one call: its transaction, and the request that its events name."""

import secrets
import string
from dataclasses import dataclass

from .faults import Faults
from .store import Rows

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a route can use. A step without a request (a late decision of a bank) has no request_id."""

    rows: Rows
    faults: Faults
    address: str  # our own base URL, for the simulated page of the bank
    subscribed: frozenset[str] | None  # the event types that are sent as webhooks; None for all
    webhook_url: str | None  # the receiver of webhooks, if there is one
    api_version: str = API_VERSION
    request_id: str | None = None
    idempotency_key: str | None = None


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id like Stripe's: a prefix for the kind, then random letters and digits."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(length))
