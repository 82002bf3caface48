"""Cancel an order, as its customer."""

from uuid import UUID

from app.kernel.errors import Forbidden
from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import UNDONE, Order
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move
from app.modules.orders.use_cases.orders.see_order import see_order


def cancel_order(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Order:
    """Cancel the caller's own order; a paid one is refunded. An order that is cancelled or refunded already is returned
    as it is.

    Raises NotFound(no_such_order), Conflict(already_dispatched), Stale, and Forbidden(use_operations) if staff request
    it for a customer's order.
    """
    order = see_order(uow, order_id, caller, is_staff)
    if order.customer_id != caller:
        route = f"POST /api/v1/ops/orders/{order_id}/cancel"
        sentence = f"this order belongs to a customer: use {route}, and give a reason"
        raise Forbidden("use_operations", sentence, {"operation": route})
    if order.status in UNDONE:
        return order
    return move(uow, order, Trigger.CANCEL, Cause("orders", "cancelled_by_customer", {"by": "customer"}))
