"""Have Stripe give money back. Run by the module's worker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Intent, Payment, Wanted, key_is_kept
from app.modules.payments.domain.refund import Outcome, Refund, RefundStatus
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.observe import observe

LOOK_AGAIN = timedelta(hours=1)  # a bank's answer takes days


def make_refund(
    transaction: Transaction[Work], gateway: Gateway, refund_id: UUID, now: Callable[[], datetime] = clock.now
) -> timedelta | None:
    """Crash anywhere and run it again: the money goes back once. Returns when to look again; None: it has ended."""
    payment, refund = _begin(transaction, refund_id, now())
    if refund.status in {RefundStatus.SUCCEEDED, RefundStatus.FAILED}:
        return None
    crash_point("before_refund")
    outcome = _outcome(gateway, payment, refund, now())
    crash_point("after_refund")
    if outcome is None:  # Stripe has long forgotten the key, and knows of no such refund: ask as for a new one
        with transaction() as work:
            work.refunds.save(replace(work.refunds.get(refund_id), asked_at=now()))
        return timedelta()
    intent = gateway.look(payment)
    with transaction() as work:
        refund = work.refunds.get(refund_id)
        work.refunds.save(replace(refund, status=outcome.status, stripe_id=outcome.id, failure=outcome.failure))
        if refund.status is RefundStatus.PENDING and outcome.status is RefundStatus.FAILED:
            _take_back(work, payment.id, intent)
        after = observe(work, payment.id, intent)
        if after.wanted is Wanted.CANCELLED:
            work.ask("pursue", after.id)  # what this one claimed may have kept late money from going back
    return LOOK_AGAIN if outcome.status is RefundStatus.PENDING else None


def _begin(transaction: Transaction[Work], refund_id: UUID, now: datetime) -> tuple[Payment, Refund]:
    """That making it is begun is committed before Stripe is asked."""
    with transaction() as work:
        refund = work.refunds.get(refund_id)
        if refund.asked_at is None:
            refund = work.refunds.save(replace(refund, asked_at=now))
        return work.payments.get(refund.payment_id), refund


def _take_back(work: Work, payment_id: UUID, intent: Intent) -> None:
    """Stripe counts a pending refund as refunded, and takes that back where the bank fails. Nothing else lowers it:
    a look that is merely older must not."""
    payment = work.payments.get(payment_id)
    work.payments.save(replace(payment, refunded=min(payment.refunded, intent.refunded)))


def _outcome(gateway: Gateway, payment: Payment, refund: Refund, now: datetime) -> Outcome | None:
    assert refund.asked_at is not None
    if refund.status is RefundStatus.PENDING or not key_is_kept(refund.asked_at, now):
        return gateway.find_refund(payment, refund)
    return gateway.refund(payment, refund)
