"""Request a refund."""

from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment, owed, refundable, step_of
from app.modules.payments.domain.refund import BY_ORDERS, Refund, RefundStatus
from app.modules.payments.ports import UnitOfWork


def request_refund(
    uow: UnitOfWork, id: UUID, payment_id: UUID, amount: Money | None, reason: str, requested_by: str, now: datetime
) -> Refund:
    """Reserve this amount of the payment (None: all that can still be refunded), and add the job that makes the
    refund.

    The payment's row is locked while the amount is reserved, so that all refunds together never exceed what was
    captured. Raises NotFound(no_such_payment), Invalid(bad_amount), Conflict(nothing_to_refund, refund_too_large,
    other_currency).
    """
    payment = uow.payments.lock(payment_id)
    currency = payment.amount.currency
    left = refundable(payment, uow.refunds.committed(payment_id))
    if left <= 0:
        raise Conflict("nothing_to_refund", "nothing of this payment can be refunded any more")
    desired = Money(left, currency) if amount is None else amount
    if desired.currency != currency:
        raise Conflict("other_currency", f"the payment is in {currency}: give the amount in that currency")
    if desired.amount < 1:
        raise Invalid("bad_amount", "the amount must be at least one of the smallest unit")
    if desired.amount % (step := step_of(currency)):
        raise Invalid("bad_amount", f"{desired} can never be refunded: use a multiple of {step}")
    if desired.amount > left:
        more = {"refundable": {"amount": left, "currency": currency}}
        raise Conflict("refund_too_large", f"at most {Money(left, currency)} can still be refunded", more)
    refund = uow.refunds.save(
        Refund(id=id, payment_id=payment_id, amount=desired, reason=reason, requested_by=requested_by, created_at=now)
    )
    uow.enqueue("refund", refund.id)
    return refund


def refund_late_money(uow: UnitOfWork, payment: Payment, now: datetime) -> None:
    """Request a refund of all that was captured for a cancelled order and is not refunded yet. While other refunds are
    in progress, only what they leave is requested, so it may take several refunds.

    If one of these refunds has failed, the rest is left to a person, who is alerted: see RefundFailed.
    """
    if owed(payment) <= 0:
        return
    payment = uow.payments.lock(payment.id)
    if refundable(payment, uow.refunds.committed(payment.id)) <= 0 or _has_failed(uow, payment):
        return
    request_refund(uow, new_id(), payment.id, None, "the order is cancelled", BY_ORDERS, now)


def _has_failed(uow: UnitOfWork, payment: Payment) -> bool:
    ours = (refund for refund in uow.refunds.of(payment.id) if refund.requested_by == BY_ORDERS)
    return any(refund.status is RefundStatus.FAILED for refund in ours)
