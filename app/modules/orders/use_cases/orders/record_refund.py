"""Hear what went back of an order's money, and what did not."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.cause import Cause
from app.modules.orders.domain.life import Trigger
from app.modules.orders.domain.order import Order, RefundState
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.move_order import move

log = logging.getLogger(__name__)


def record_refund(
    uow: UnitOfWork, order_id: UUID, refunded: int, captured: int, state: str, detail: Mapping[str, object]
) -> None:
    """Money went back: if all of it, undo the order. Raises as move_order does."""
    before = uow.orders.get(order_id)
    order = _with(before, refunded, state)
    if refunded == captured:
        moved = move(uow, order, Trigger.FULL_REFUND, Cause("payments", "refunded", detail))
        if moved is not order:
            return
    else:
        uow.timeline.record(order.id, "payments", "partial_refund", uow.now, detail)
    if order != before:
        uow.orders.save(order)


def record_failed_refund(
    uow: UnitOfWork, order_id: UUID, refunded: int, state: str, detail: Mapping[str, object]
) -> None:
    """The status stays, and stock is not taken again: a person has to see that the customer gets the money."""
    order = uow.orders.get(order_id)
    uow.timeline.record(order.id, "payments", "refund_failed", uow.now, detail)
    uow.orders.save(_with(order, refunded, state))
    log.error("order %s: a refund failed (%s): `flask orders stuck`", order.id, detail.get("code"))


def record_dispute(uow: UnitOfWork, order_id: UUID, disputed: int, detail: Mapping[str, object]) -> None:
    """A cardholder disputes its payment, or that goes on: the status stays."""
    order = uow.orders.get(order_id)
    uow.timeline.record(order.id, "payments", "payment_disputed", uow.now, detail)
    if order.disputed != disputed:
        uow.orders.save(replace(order, disputed=disputed))


def _with(order: Order, refunded: int, state: str) -> Order:
    reported = RefundState(state)
    return replace(
        order, refunded=refunded, refund=reported, written_off=order.written_off and reported is order.refund
    )
