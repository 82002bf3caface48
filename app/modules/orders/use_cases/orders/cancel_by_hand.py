"""Cancel a customer's order, as staff."""

from uuid import UUID

from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import UNDONE, Order
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move


def cancel_by_hand(uow: UnitOfWork, order_id: UUID, who: str, why: str) -> Order:
    """Cancel an order; a paid one is refunded. The trail records who did it and why.

    An order that is cancelled or refunded already is returned as it is, and nothing is written.
    Raises NotFound(no_such_order), Conflict(already_dispatched), Stale.
    """
    order = uow.orders.get(order_id)
    if order.status in UNDONE:
        return order
    uow.trail.record(who, "cancel order", str(order.id), why)
    return move(uow, order, Trigger.CANCEL, Cause("orders", "cancelled_by_staff", {"by": "staff"}))
