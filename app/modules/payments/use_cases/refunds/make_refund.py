"""Have Stripe give money back. Run by the module's worker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import LOOKS, DesiredState, Payment, key_is_kept, next_look, owed
from app.modules.payments.domain.refund import Outcome, Refund, RefundStatus, refund_state
from app.modules.payments.ports import Gateway, Unclear, UnitOfWork
from app.modules.payments.use_cases.payments.observe import look
from app.modules.payments.use_cases.refunds.refund_events import refund_failed

LOOK_AGAIN = timedelta(hours=1)  # a bank's answer takes days


def make_refund(
    transaction: Transaction[UnitOfWork], gateway: Gateway, refund_id: UUID, now: Callable[[], datetime] = clock.now
) -> timedelta | None:
    """Crash anywhere and run it again: the money goes back once. Returns when to look again; None: it has ended.

    What it came to is read from Stripe's list of refunds, as is what comes of it later.
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
        _refused(transaction, payment, refund, outcome)
    look(transaction, gateway, refund.payment_id)
    return _go_on(transaction, _read(transaction, refund_id))


def _begin(transaction: Transaction[UnitOfWork], refund_id: UUID, now: datetime) -> Refund:
    """That making it is begun is committed before Stripe is asked."""
    with transaction() as uow:
        refund = uow.refunds.get(refund_id)
        return refund if refund.asked_at else uow.refunds.save(replace(refund, asked_at=now))


def _read(transaction: Transaction[UnitOfWork], refund_id: UUID) -> Refund:
    with transaction() as uow:
        return uow.refunds.get(refund_id)


def _may_repeat(refund: Refund, now: datetime) -> bool:
    return refund.asked_at is not None and key_is_kept(refund.asked_at, now)


def _another_call(transaction: Transaction[UnitOfWork], refund: Refund, now: datetime) -> Refund:
    """Where Stripe was looked at and knows of no such refund, although it was asked: with a key of its own, committed
    before it is made."""
    if refund.unclear_at is None and _may_repeat(refund, now):
        return refund
    with transaction() as uow:
        return uow.refunds.save(replace(refund, attempt=refund.attempt + 1, unclear_at=None, asked_at=now))


def _refused(transaction: Transaction[UnitOfWork], payment: Payment, refund: Refund, outcome: Outcome) -> None:
    """Stripe does not have it in its list."""
    with transaction() as uow:
        failed = uow.refunds.save(replace(refund, status=RefundStatus.FAILED, failure=outcome.failure))
        payment = uow.payments.save(uow.payments.get(payment.id))
        uow.publish(refund_failed(payment, failed, refund_state(uow.refunds.of(payment.id), owed(payment))))


def _go_on(transaction: Transaction[UnitOfWork], refund: Refund) -> timedelta | None:
    with transaction() as uow:
        payment = uow.payments.get(refund.payment_id)
        if payment.desired is DesiredState.CANCELLED:
            uow.enqueue("pursue", payment.id)  # what this one claimed may have kept late money from going back
    return LOOK_AGAIN if refund.status is RefundStatus.PENDING else None
