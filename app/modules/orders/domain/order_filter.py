"""What a list of orders is filtered by."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.modules.orders.domain.order import Order
from app.modules.orders.domain.state_machine import Status


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """None: any. Placed at `placed_since` or later, and before `placed_until`."""

    customer_id: UUID | None = None
    status: Status | None = None
    placed_since: datetime | None = None
    placed_until: datetime | None = None
    number: str | None = None

    @property
    def running_number(self) -> int | None:
        """The part of `number` that is unique."""
        return int(self.number.partition("-")[2]) if self.number else None

    def matches(self, order: Order) -> bool:
        return (
            self.customer_id in {None, order.customer_id}
            and self.status in {None, order.status}
            and (self.placed_since is None or self.placed_since <= order.placed_at)
            and (self.placed_until is None or order.placed_at < self.placed_until)
            and self.number in {None, order.number}
        )
