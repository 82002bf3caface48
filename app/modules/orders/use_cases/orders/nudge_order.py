"""Nudge an order that does not move."""

from uuid import UUID

from app.modules.orders.domain.order import Order
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders import news


def nudge_order(work: Work, order_id: UUID, who: str, why: str) -> Order:
    """Ask the others to do what its status asks for, where they have not, and to say again where they stand with it.

    It changes nothing here: their answers do, as if they came for the first time. Who asked, and why, is written down.
    Raises NotFound(no_such_order).
    """
    order = work.orders.get(order_id)
    work.trail.note(who, "nudge order", str(order.id), why)
    work.timeline.note(order.id, "orders", "nudged", work.now, {})
    work.publish(news.whole(order))
    return order
