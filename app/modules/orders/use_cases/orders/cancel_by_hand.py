"""Cancel an order on behalf of the shop."""

from uuid import UUID

from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Happening
from app.modules.orders.domain.order import Order
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders.cancel_order import UNDONE
from app.modules.orders.use_cases.orders.move_order import move


def cancel_by_hand(work: Work, order_id: UUID, who: str, why: str) -> Order:
    """Undo an order, a paid one with its money; who did it, and why, is written down.

    One that is undone already is answered the same, and nothing is written. Raises NotFound(no_such_order), Stale.
    """
    order = work.orders.get(order_id)
    if order.status in UNDONE:
        return order
    work.trail.note(who, "cancel order", str(order.id), why)
    return move(work, order, Happening.CANCEL, Cause("orders", "cancelled_by_staff", {"by": "staff"}))
