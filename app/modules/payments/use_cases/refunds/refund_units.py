"""Refund units of an order, as orders has requested it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.errors import NotFound, Refused
from app.kernel.money import Money
from app.modules.payments.domain.payment import KEY_RETENTION
from app.modules.payments.domain.refund import FOR_UNITS, Refund, RefundStatus
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.refunds.refund_events import refund_failed
from app.modules.payments.use_cases.refunds.request_refund import request_refund

WHY = "units of the order"


def refund_units(
    uow: UnitOfWork, id: UUID, order_id: UUID, amount: Money, now: datetime, *, may_exist: bool = False
) -> Refund:
    """Request the refund with this id, which orders has given to it: one that is known is returned as it is.

    `may_exist`: our record may have been lost, so Stripe is searched before it is called.

    If less than that can still be refunded, it is stored as failed, and orders learns why. Raises
    NotFound(no_such_payment).
    """
    payment = uow.payments.of_order(order_id)
    if payment is None:
        raise NotFound("no_such_payment", f"order {order_id} has no payment: its units cannot be refunded")
    if known := uow.refunds.find(id):
        is_ours = known.requested_by == FOR_UNITS  # not so if its record was lost, and it was found at Stripe
        return known if is_ours else uow.refunds.save(replace(known, requested_by=FOR_UNITS))
    try:
        refund = request_refund(uow, id, payment.id, amount, WHY, FOR_UNITS, now)
        return uow.refunds.save(replace(refund, requested_at=now - KEY_RETENTION)) if may_exist else refund
    except Refused as refused:
        why = refused.code
    failed = uow.refunds.save(
        Refund(
            id=id,
            payment_id=payment.id,
            amount=amount,
            reason=WHY,
            requested_by=FOR_UNITS,
            created_at=now,
            status=RefundStatus.FAILED,
            failure=why,
        )
    )
    payment = uow.payments.save(uow.payments.get(payment.id))
    uow.publish(refund_failed(payment, failed, uow.refunds.of(payment.id)))
    return failed
