"""Idempotency keys, claimed in the transaction of their effect."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Claim:
    """A claimed key. `earlier`: it was used before; `body` is then the response, if it is still stored."""

    caller: str
    key: str
    resource_id: UUID
    earlier: bool = False
    body: bytes | None = None


class Claims(Protocol):
    """The part of a unit of work that claims keys. A second request with the key waits for the first one's commit."""

    def claim(self, caller: str, key: str, fingerprint: bytes, resource_id: UUID) -> Claim:
        """Insert the key, or return its earlier claim.

        Raises Invalid(idempotency_key_reused) if it was used with another fingerprint.
        """

    def keep(self, claim: Claim, body: bytes) -> None:
        """Store the response, so that a repeated request gets the same one."""
