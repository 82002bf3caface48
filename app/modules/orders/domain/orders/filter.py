"""What a list of orders is filtered and sorted by."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.modules.orders.domain.orders.order import Fulfilment, Order
from app.modules.orders.domain.orders.state_machine import Status


class Sort(StrEnum):
    """The order of a list of orders."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SMALLEST = "total"
    BIGGEST = "-total"


@dataclass(frozen=True)
class Position:
    """The position of an order in its list: its total, by which some lists are sorted, and its id."""

    total: int
    id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """None: any. Placed at `placed_since` or later, and before `placed_until`; `total_min` and `total_max` included."""

    customer_id: UUID | None = None
    status: Status | None = None
    fulfilment: Fulfilment | None = None
    placed_since: datetime | None = None
    placed_until: datetime | None = None
    number: str | None = None
    total_min: int | None = None
    total_max: int | None = None
    external_reference: str | None = None
    email: str | None = None  # of the contact of the order, normalized

    @property
    def running_number(self) -> int | None:
        """The part of `number` that is unique."""
        return int(self.number.partition("-")[2]) if self.number else None

    def matches(self, order: Order) -> bool:
        return (
            self.customer_id in {None, order.customer_id}
            and self.status in {None, order.status}
            and self.fulfilment in {None, order.fulfilment}
            and (self.placed_since is None or self.placed_since <= order.placed_at)
            and (self.placed_until is None or order.placed_at < self.placed_until)
            and self.number in {None, order.number}
            and (self.total_min is None or self.total_min <= order.totals.total.amount)
            and (self.total_max is None or order.totals.total.amount <= self.total_max)
        )
