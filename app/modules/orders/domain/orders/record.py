"""What staff store with an order for other systems. Customers never see it, and no event has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Record:
    """It has a version of its own: a change of it is none of the order. `version` 0: nothing was stored yet."""

    order_id: UUID
    external_reference: str | None = None  # its id in another system; no two orders have the same
    metadata: Mapping[str, str] = field(default_factory=dict)
    version: int = 0


class Records(Protocol):
    """The records of orders."""

    def of(self, order_id: UUID) -> Record:
        """The record of this order; an empty one if nothing was stored yet."""

    def save(self, record: Record) -> Record:
        """Save the version that was read. Raises Stale, Conflict(external_reference_taken)."""
