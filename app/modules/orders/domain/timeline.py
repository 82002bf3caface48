"""An order's story: what happened to it, in which module, by which request, and in which trace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One thing that happened. `at` is when orders did it or heard of it."""

    at: datetime
    module: str
    what: str
    detail: Mapping[str, object]
    request_id: str | None
    trace_id: str | None
