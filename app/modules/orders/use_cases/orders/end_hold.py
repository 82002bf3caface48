"""Act before the bank releases the money of an order of which nothing has left."""

from uuid import UUID

from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.domain.policies.capture import ACT_BEFORE, AtHoldEnd
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move
from app.modules.orders.use_cases.orders.request_capture import request_capture


def end_hold(uow: UnitOfWork, order_id: UUID, how: AtHoldEnd) -> Order | None:
    """Capture the money, or cancel the order.

    Returns None if that is not due: the order was listed before this transaction, and may have been dispatched or
    cancelled since. Raises Stale.
    """
    order = uow.orders.get(order_id)
    if not order.is_on_hold or order.capture_before is None or order.capture_before > uow.now + ACT_BEFORE:
        return None
    if how is AtHoldEnd.CAPTURE:
        return request_capture(uow, order)
    return move(uow, order, Trigger.CANCEL, Cause("orders", "hold_ended", {"by": "schedule"}))
