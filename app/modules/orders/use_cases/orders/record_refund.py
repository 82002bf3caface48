"""Record refunds, failed refunds and disputes of an order."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.modules.orders.domain.orders.cause import Cause
from app.modules.orders.domain.orders.order import Order, RefundState
from app.modules.orders.domain.orders.state_machine import Trigger
from app.modules.orders.domain.tax.given_back import GivenBack
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders.follow_unit_refunds import ReportedUnits, reported_units
from app.modules.orders.use_cases.orders.move_order import move
from app.modules.orders.use_cases.orders.record_taken_back import record_taken_back
from app.modules.orders.use_cases.orders.see_tax import record_tax_refund

log = logging.getLogger(__name__)

NEVER_SENT = {"nothing_to_refund", "refund_too_large", "bad_amount", "other_currency"}  # refused by payments itself


def record_refund(
    uow: UnitOfWork,
    order_id: UUID,
    refunded: int,
    captured: int,
    state: str,
    detail: Mapping[str, object],
    of_units: Mapping[UUID, str],
) -> None:
    """Record a refund. When the whole amount was captured and refunded, the order becomes refunded. One of which only a
    part was captured is not paid: giving that back ends nothing.

    `of_units`: the state of each refund of units, by id. Raises what move_order raises.
    """
    before = uow.orders.get(order_id)
    units = _record_tax(uow, before, refunded, of_units)
    order = _with(units.counted(before), refunded, state)
    if refunded == captured >= order.totals.total.amount:
        moved = move(uow, order, Trigger.FULL_REFUND, Cause("payments", "refunded", detail))
        if moved is not order:
            _follow(uow, moved, units)
            return
    elif detail["amount"] or refunded != before.refunded:
        uow.timeline.record(order.id, "payments", "partial_refund", uow.now, detail)
    if order != before or units.changed:
        _follow(uow, uow.orders.save(order), units)


def record_failed_refund(
    uow: UnitOfWork,
    order_id: UUID,
    refunded: int,
    state: str,
    detail: Mapping[str, object],
    of_units: Mapping[UUID, str],
) -> None:
    """Record a failed refund. The status does not change and returned stock is not reserved again: a person must make
    sure that the customer gets the money. Units of it can be refunded again.
    """
    before = uow.orders.get(order_id)
    units = _record_tax(uow, before, refunded, of_units)
    uow.timeline.record(before.id, "payments", "refund_failed", uow.now, detail)
    order = _with(units.counted(before), refunded, state)
    if order.refund is RefundState.FAILED and detail["code"] not in NEVER_SENT:
        order = replace(order, written_off=False)  # this is not what was written off before
        log.error("order %s: a refund failed (%s): see `flask orders stuck`", order.id, detail["code"])
    _follow(uow, uow.orders.save(order), units)


def _record_tax(uow: UnitOfWork, order: Order, refunded: int, of_units: Mapping[UUID, str]) -> ReportedUnits:
    units = reported_units(uow, order, of_units)
    now = replace(order, refunded=refunded).given_back
    before, after = GivenBack(order.given_back, units.before), GivenBack(now, units.after)
    record_tax_refund(uow, order, before, after)
    return units


def _follow(uow: UnitOfWork, saved: Order, units: ReportedUnits) -> None:
    units.store(uow, saved)
    request_documents(uow, saved)


def record_dispute(uow: UnitOfWork, order_id: UUID, disputed: int, detail: Mapping[str, object]) -> None:
    """Record that a cardholder disputes the payment, or that the dispute changed. The status does not change."""
    order = uow.orders.get(order_id)
    uow.timeline.record(order.id, "payments", "payment_disputed", uow.now, detail)
    if order.disputed != disputed:
        record_taken_back(uow, order, uow.orders.save(replace(order, disputed=disputed)))


def _with(order: Order, refunded: int, state: str) -> Order:
    """What was written off stays so until all is done: another refund may be pending meanwhile, or be too small."""
    reported = RefundState(state)
    stays = order.written_off and reported in {RefundState.FAILED, RefundState.PENDING}
    return replace(order, refunded=refunded, refund=reported, written_off=stays)
