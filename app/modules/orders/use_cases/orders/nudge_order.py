"""Nudge an order that does not move."""

from uuid import UUID

from app.modules.orders.domain.order import Order
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events


def nudge_order(uow: UnitOfWork, order_id: UUID, who: str, why: str) -> Order:
    """Ask the others to do what its status asks for, where they have not, and to say again where they stand with it.

    It changes nothing here: their answers do, as if they came for the first time. Who asked, and why, is written down.
    Raises NotFound(no_such_order).
    """
    order = uow.orders.get(order_id)
    uow.trail.record(who, "nudge order", str(order.id), why)
    uow.timeline.record(order.id, "orders", "nudged", uow.now, {})
    uow.publish(order_events.whole(order))
    return order
