"""Hear what went back of an order's money, and what did not."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Happening
from app.modules.orders.domain.order import Order, RefundState
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.orders.move_order import move

log = logging.getLogger(__name__)


def hear_refund(
    work: Work, order_id: UUID, refunded: int, captured: int, state: str, detail: Mapping[str, object]
) -> None:
    """Money went back: if all of it, undo the order. Raises as move_order does."""
    before = work.orders.get(order_id)
    order = _with(before, refunded, state)
    if refunded == captured:
        moved = move(work, order, Happening.FULL_REFUND, Cause("payments", "refunded", detail))
        if moved is not order:
            return
    else:
        work.timeline.note(order.id, "payments", "partial_refund", work.now, detail)
    if order != before:
        work.orders.save(order)


def hear_refund_failed(work: Work, order_id: UUID, refunded: int, state: str, detail: Mapping[str, object]) -> None:
    """The status stays, and stock is not taken again: a person has to see that the customer gets the money."""
    order = work.orders.get(order_id)
    work.timeline.note(order.id, "payments", "refund_failed", work.now, detail)
    work.orders.save(_with(order, refunded, state))
    log.error("order %s: a refund failed (%s): `flask orders stuck`", order.id, detail.get("code"))


def hear_dispute(work: Work, order_id: UUID, disputed: int, detail: Mapping[str, object]) -> None:
    """A cardholder disputes its payment, or that goes on: the status stays."""
    order = work.orders.get(order_id)
    work.timeline.note(order.id, "payments", "payment_disputed", work.now, detail)
    if order.disputed != disputed:
        work.orders.save(replace(order, disputed=disputed))


def _with(order: Order, refunded: int, state: str) -> Order:
    told = RefundState(state)
    return replace(order, refunded=refunded, refund=told, written_off=order.written_off and told is order.refund)
