"""What the home of the desk shows: how many orders came in when, what they are worth, and what waits for someone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.money import Money

MAX_COUNT = 1_000  # beyond this, waiting orders are not counted one by one


@dataclass(frozen=True, kw_only=True)
class Placed:
    """The orders of one hour in one currency. `total` leaves out what was cancelled."""

    hour: datetime
    orders: int
    total: Money
    cancelled: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Orders that wait, each number up to MAX_COUNT."""

    to_pack: int
    partly_dispatched: int
    awaiting_payment: int
    overdue: int
    failed_refunds: int


@dataclass(frozen=True, kw_only=True)
class Overview:
    hours: Sequence[Placed]
    waiting: Waiting
