"""Write off a failed refund."""

from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.orders.order import Order, RefundState
from app.modules.orders.ports import UnitOfWork


def write_off(uow: UnitOfWork, order_id: UUID, who: str, why: str) -> Order:
    """Record that a person has settled a failed refund in another way: the order is then no longer listed as stuck.

    If no refund failed, or it is written off already, nothing is written. Raises NotFound(no_such_order).
    """
    order = uow.orders.get(order_id)
    if order.refund is not RefundState.FAILED or order.written_off:
        return order
    uow.trail.record(who, "write off refund", str(order.id), why)
    uow.timeline.record(order.id, "orders", "refund_written_off", uow.now, {"reason": why})
    return uow.orders.save(replace(order, written_off=True))
