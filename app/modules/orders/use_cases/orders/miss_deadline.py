"""Act on a deadline that has passed."""

from uuid import UUID

from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import Order, is_overdue
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move


def miss_deadline(uow: UnitOfWork, order_id: UUID) -> Order | None:
    """Cancel an order that was not paid in time, or record that a confirmed one is overdue.

    Returns None if the order is not overdue: it was listed before this transaction, and may have been renewed or have
    ended since. Raises Stale.
    """
    order = uow.orders.get(order_id)
    if not is_overdue(order, uow.now):
        return None
    return move(uow, order, Trigger.DEADLINE, Cause("orders", "deadline_passed"))
