"""Cancel an order."""

from datetime import datetime
from uuid import UUID

from app.modules.orders.domain.life import Happening, Status
from app.modules.orders.domain.order import Order, Patience
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.move_order import move
from app.modules.orders.use_cases.see_order import see_order

UNDONE = frozenset({Status.CANCELLED, Status.REFUNDED})


def cancel_order(work: Work, order_id: UUID, caller: UUID, is_staff: bool, now: datetime, patience: Patience) -> Order:
    """Undo an order, a paid one with its money; one that is undone already is answered the same and not written to.

    Raises NotFound(no_such_order), Stale.
    """
    order = see_order(work, order_id, caller, is_staff)
    if order.status in UNDONE:
        return order
    by = "customer" if order.customer_id == caller else "staff"
    return move(work, order, Happening.CANCEL, now, patience, "orders", f"cancelled_by_{by}", {"by": by})
