"""What a list of orders is filtered by."""

from dataclasses import dataclass
from uuid import UUID

from app.modules.orders.domain.order import Order
from app.modules.orders.domain.state_machine import Status


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """None: any."""

    customer_id: UUID | None = None
    status: Status | None = None
    number: str | None = None

    @property
    def running_number(self) -> int | None:
        """The part of `number` that is unique."""
        return int(self.number.partition("-")[2]) if self.number else None

    def matches(self, order: Order) -> bool:
        return (
            self.customer_id in {None, order.customer_id}
            and self.status in {None, order.status}
            and self.number in {None, order.number}
        )
