"""Stock: the counters of a sku, the ledger, and the reservations of orders."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict


class ReservationStatus(StrEnum):
    """The status of an order's reservation."""

    HELD = "held"
    REJECTED = "rejected"
    SOLD = "sold"
    RELEASED = "released"
    RETURNED = "returned"


NEXT: dict[ReservationStatus, frozenset[ReservationStatus]] = {
    ReservationStatus.HELD: frozenset({ReservationStatus.SOLD, ReservationStatus.RELEASED}),
    ReservationStatus.SOLD: frozenset({ReservationStatus.RETURNED}),
    ReservationStatus.REJECTED: frozenset(),
    ReservationStatus.RELEASED: frozenset(),
    ReservationStatus.RETURNED: frozenset(),
}


@dataclass(eq=False, kw_only=True)
class Reservation:
    """One order's share of the stock."""

    order_id: UUID
    status: ReservationStatus
    version: int = 1

    def become(self, to: ReservationStatus) -> None:
        """Change the status; nothing else may change it. Raises Conflict(wrong_state)."""
        if to not in NEXT[self.status]:
            raise Conflict("wrong_state", f"the stock of order {self.order_id} is {self.status}: it cannot become {to}")
        self.status = to
        self.version += 1


@dataclass(frozen=True)
class Short:
    """A sku of which fewer units are available than an order requests."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Level:
    """The counters of a sku. `on_hand` is what is physically in stock; `held` is the part of it that is reserved for
    open orders."""

    sku: str
    on_hand: int
    held: int
    version: int

    @property
    def available(self) -> int:
        """The units that can be ordered now."""
        return self.on_hand - self.held


@dataclass(frozen=True)
class Hold:
    """The units of one sku that are reserved for an open order."""

    order_id: UUID
    quantity: int
    held_at: datetime


@dataclass(frozen=True)
class StockCounts:
    """The counters of a sku, and the same numbers computed from the ledger and from the holds, all at the same time."""

    sku: str
    on_hand: int
    held: int
    on_hand_by_ledger: int
    held_by_ledger: int
    held_by_holds: int
    unshipped_by_ledger: int  # sold, and neither dispatched nor returned
    unshipped_by_orders: int


@dataclass(frozen=True)
class Movement:
    """One row of the ledger: the units that were received, adjusted, held, released, sold, dispatched or
    returned, by whom and why."""

    id: UUID
    sku: str
    kind: str
    quantity: int
    order_id: UUID | None
    who: str
    why: str
    at: datetime
