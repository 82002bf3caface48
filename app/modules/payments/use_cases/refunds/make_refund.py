"""Make a refund at Stripe. Run as a job by the module's worker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import LOOKS, DesiredState, Payment, key_is_retained, next_look
from app.modules.payments.domain.refund import Outcome, Refund, RefundStatus, with_outcome
from app.modules.payments.ports import Gateway, Unclear, UnitOfWork
from app.modules.payments.use_cases.payments.observe import look
from app.modules.payments.use_cases.refunds.refund_events import refund_failed

LOOK_AGAIN = timedelta(hours=1)  # a bank takes days to answer


def make_refund(
    transaction: Transaction[UnitOfWork], gateway: Gateway, refund_id: UUID, now: Callable[[], datetime] = clock.now
) -> timedelta | None:
    """Make the refund. It may crash anywhere and be run again: the money is refunded once.

    Returns after what time to run it again; None when the refund has ended. Its outcome, and later changes of it, are
    read from Stripe's list of refunds.
    """
    refund = _begin(transaction, refund_id, now())
    if refund.status is RefundStatus.PENDING or refund.unclear_at or not _may_repeat(refund, now()):
        look(transaction, gateway, refund.payment_id)
        refund = _read(transaction, refund_id)
    if refund.status is not RefundStatus.NEW:
        return _go_on(transaction, refund)
    if refund.unclear_at and (wait := next_look(refund.unclear_at, now())):
        return wait
    refund = _another_call(transaction, refund, now())
    with transaction() as uow:
        payment = uow.payments.get(refund.payment_id)
    crash_point("before_refund")
    try:
        outcome = gateway.refund(payment, refund)
    except Unclear:
        with transaction() as uow:
            uow.refunds.save(replace(refund, unclear_at=now()))
        return LOOKS[0]
    crash_point("after_refund")
    if outcome.id is None:
        _refused(transaction, payment, refund, outcome, now())
    look(transaction, gateway, refund.payment_id)
    return _go_on(transaction, _read(transaction, refund_id))


def _begin(transaction: Transaction[UnitOfWork], refund_id: UUID, now: datetime) -> Refund:
    """Commit that the refund was begun before Stripe is called."""
    with transaction() as uow:
        refund = uow.refunds.get(refund_id)
        return refund if refund.requested_at else uow.refunds.save(replace(refund, requested_at=now))


def _read(transaction: Transaction[UnitOfWork], refund_id: UUID) -> Refund:
    with transaction() as uow:
        return uow.refunds.get(refund_id)


def _may_repeat(refund: Refund, now: datetime) -> bool:
    return refund.requested_at is not None and key_is_retained(refund.requested_at, now)


def _another_call(transaction: Transaction[UnitOfWork], refund: Refund, now: datetime) -> Refund:
    """Prepare the call. If Stripe was called before and its list does not contain the refund, the next call gets
    another key, which is committed before the call is made.
    """
    if refund.unclear_at is None and _may_repeat(refund, now):
        return refund
    with transaction() as uow:
        return uow.refunds.save(replace(refund, attempt=refund.attempt + 1, unclear_at=None, requested_at=now))


def _refused(
    transaction: Transaction[UnitOfWork], payment: Payment, refund: Refund, outcome: Outcome, now: datetime
) -> None:
    """Record a refund that Stripe refused: it is not in Stripe's list, so it must be recorded here."""
    with transaction() as uow:
        failed = uow.refunds.save(with_outcome(refund, RefundStatus.FAILED, outcome.failure, now))
        payment = uow.payments.save(uow.payments.get(payment.id))
        uow.publish(refund_failed(payment, failed, uow.refunds.of(payment.id)))


def _go_on(transaction: Transaction[UnitOfWork], refund: Refund) -> timedelta | None:
    with transaction() as uow:
        payment = uow.payments.get(refund.payment_id)
        if payment.desired is DesiredState.CANCELLED:
            uow.enqueue("pursue", payment.id)  # the amount reserved by this refund may have prevented another one
    return LOOK_AGAIN if refund.status is RefundStatus.PENDING else None
