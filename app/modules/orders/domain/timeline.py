"""The timeline of an order: what happened to it, in which module, by which request, and in which trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One entry. `at` is when orders did it, or consumed the event that reported it."""

    at: datetime
    module: str
    what: str
    detail: Mapping[str, object]
    request_id: str | None
    trace_id: str | None
