"""An idempotency key, claimed in the transaction of its effect."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Claim:
    """A key that is now ours, or was used before: then `earlier`, with the answer given, if it is still known."""

    caller: str
    key: str
    resource_id: UUID
    earlier: bool = False
    body: bytes | None = None


class Claims(Protocol):
    """The part of a transaction that claims keys. A twin waits there for the first one's commit."""

    def claim(self, caller: str, key: str, fingerprint: bytes, resource_id: UUID) -> Claim:
        """Insert the key, or find what it was used for. Raises Invalid(idempotency_key_reused) for another body."""

    def keep(self, claim: Claim, body: bytes) -> None:
        """Remember the answer, so that a twin gets the same."""
