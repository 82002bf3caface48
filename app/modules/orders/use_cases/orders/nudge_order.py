"""Nudge a stuck order."""

from uuid import UUID

from app.modules.orders.domain.orders.order import Order
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders import order_events


def nudge_order(uow: UnitOfWork, order_id: UUID, who: str, why: str) -> Order:
    """Publish the order's full state, so that the other modules do what its status requires and they have not done, and
    publish their results again.

    The order itself does not change here; it changes when those results are consumed, as if for the first time. Whoever
    changes it waits meanwhile: its next event never overtakes this one, and no document is requested by a state that is
    over. The trail records who did it and why. Raises NotFound(no_such_order).
    """
    order = uow.orders.get(order_id, lock=True)
    uow.trail.record(who, "nudge order", str(order.id), why)
    uow.timeline.record(order.id, "orders", "nudged", uow.now, {})
    request_documents(uow, order)
    left, refunds = uow.shipments.that_left([order.id])[order.id], uow.refunds.requested([order.id])[order.id]
    uow.publish(order_events.whole(order, left, refunds))
    return order
