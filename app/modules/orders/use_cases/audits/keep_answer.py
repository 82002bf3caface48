"""Take what another module answers in an audit."""

from uuid import UUID

from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events


def keep_answer(uow: UnitOfWork, audit: UUID, order_id: UUID, module: str, discrepancy: str, version: int) -> None:
    """A discrepancy counts only if the order still is as it was when it was asked about.

    What that module said of the order before has been heard here by now: if it was under way, the order has moved, and
    is asked about again as it is now. If it has not moved, nothing is under way. An order that is no longer here (its
    database was restored) asked nothing.
    """
    order = uow.orders.find(order_id)
    if order is None:
        return
    if discrepancy and order.version != version:
        uow.publish(order_events.whole(order, audit))
    else:
        uow.checks.keep(audit, order_id, module, discrepancy or None, uow.now)
