"""Act on the authorization of an order's payment."""

from datetime import datetime
from uuid import UUID

from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.hold import with_hold
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move


def authorize_order(uow: UnitOfWork, order_id: UUID, capture_before: datetime | None, cause: Cause) -> None:
    """Confirm the order. If its money is taken later, store when the bank releases it; that may be reported again.

    Raises what move_order raises.
    """
    before = uow.orders.get(order_id)
    order = with_hold(before, capture_before, uow.now)
    if move(uow, order, Trigger.PAYMENT_AUTHORIZED, cause) is order and order is not before:
        uow.orders.save(order)
