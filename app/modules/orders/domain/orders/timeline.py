"""The timeline of an order: what happened to it, in which module, by which request, and in which trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One entry. `at` is when orders did it, or consumed the event that reported it."""

    at: datetime
    module: str
    what: str
    detail: Mapping[str, object]
    request_id: str | None
    trace_id: str | None


class Timeline(Protocol):
    """The timeline of each order."""

    def record(self, order_id: UUID, module: str, what: str, at: datetime, detail: Mapping[str, object]) -> None: ...

    def of(self, order_id: UUID) -> Sequence[TimelineEntry]:
        """All entries of one order, the oldest first."""

    def prune(self, before: datetime) -> int:
        """Delete a slice of the entries from before then, of orders that are finished; returns how many."""
