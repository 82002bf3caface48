"""Store the answer of another module in an audit."""

from uuid import UUID

from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders import order_events


def keep_answer(uow: UnitOfWork, audit: UUID, order_id: UUID, module: str, discrepancy: str, version: int) -> None:
    """Store the answer. A discrepancy counts only if the order still has the `version` of the request.

    Every event that the module published about the order before its answer has been consumed here by now. If one of
    them changed the order, the request is published again with the order's current state. If the order has not changed,
    no event is in flight and the discrepancy is real. An answer about an order that does not exist (the database was
    restored to an earlier state) is dropped.
    """
    order = uow.orders.find(order_id)
    if order is None:
        return
    if discrepancy and order.version != version:
        left, refunds = uow.shipments.that_left([order.id])[order.id], uow.refunds.requested([order.id])[order.id]
        uow.publish(order_events.whole(order, left, refunds, audit))
    else:
        uow.checks.keep(audit, order_id, module, discrepancy or None, uow.now)
