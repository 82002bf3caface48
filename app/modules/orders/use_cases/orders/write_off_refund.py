"""Settle with a refund that failed."""

from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.order import Order, RefundState
from app.modules.orders.ports import Work


def write_off(work: Work, order_id: UUID, who: str, why: str) -> Order:
    """A person has settled with a refund that failed: it is no longer listed as stuck. Raises NotFound(no_such_order).

    Where nothing failed, or it is written off already, nothing is written.
    """
    order = work.orders.get(order_id)
    if order.refund is not RefundState.FAILED or order.written_off:
        return order
    work.trail.note(who, "write off refund", str(order.id), why)
    work.timeline.note(order.id, "orders", "refund_written_off", work.now, {"reason": why})
    return work.orders.save(replace(order, written_off=True))
