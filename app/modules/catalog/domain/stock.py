"""Stock: what became of an order's claim on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.kernel.errors import Conflict


class ReservationStatus(StrEnum):
    """Where an order's claim on stock stands."""

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
    """One order's claim on stock."""

    order_id: UUID
    status: ReservationStatus
    version: int = 1

    def become(self, to: ReservationStatus) -> None:
        """The only way its status changes. Raises Conflict."""
        if to not in NEXT[self.status]:
            raise Conflict("wrong_state", f"stock of order {self.order_id} is {self.status}; it cannot become {to}")
        self.status = to
        self.version += 1


@dataclass(frozen=True)
class Short:
    """More of a sku was wanted than can be had."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True)
class Level:
    """The counters of a sku. On hand is what lies in the shelves; held of it is what open orders have a claim on."""

    sku: str
    on_hand: int
    held: int
    version: int

    @property
    def available(self) -> int:
        """How many can be had now."""
        return self.on_hand - self.held


@dataclass(frozen=True)
class Hold:
    """So many that an open order has a claim on, since then."""

    order_id: UUID
    quantity: int
    held_at: datetime


@dataclass(frozen=True)
class StockCounts:
    """The counters of a sku at one moment, and what the ledger and the holds say that they are."""

    sku: str
    on_hand: int
    held: int
    on_hand_by_ledger: int
    held_by_ledger: int
    held_by_holds: int


@dataclass(frozen=True)
class Movement:
    """One row of the ledger: what came, went or was claimed, by whom and why."""

    id: UUID
    sku: str
    kind: str
    quantity: int
    order_id: UUID | None
    who: str
    why: str
    at: datetime
