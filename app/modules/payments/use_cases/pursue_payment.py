"""Bring a payment to where it is wanted. Run by the module's worker, never by a subscription or a webhook."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.kernel.crash import crash_point
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Payment, Status, Step, next_step
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.observe import observe

LOOK_AGAIN = timedelta(minutes=5)  # should every webhook about it be lost


def pursue_payment(transaction: Transaction[Work], gateway: Gateway, payment_id: UUID) -> timedelta | None:
    """Take the steps towards what is wanted of a payment. Crash anywhere and run it again: the customer pays once.

    Returns when to look at it again, or None when nothing more is to come.
    """
    payment, step = _next(transaction, payment_id)
    while step is not None:
        crash_point(f"before_{step}")
        intent = gateway.take(step, payment)
        crash_point(f"after_{step}")
        with transaction() as work:
            observe(work, payment_id, intent)
        payment, step = _next(transaction, payment_id)
    return None if payment.is_settled or payment.status is Status.NEW else LOOK_AGAIN


def look_at_payment(transaction: Transaction[Work], gateway: Gateway, payment_id: UUID) -> timedelta | None:
    """See what Stripe says of it now, then pursue it."""
    with transaction() as work:
        payment = work.payments.get(payment_id)
    if payment.intent_id is not None:
        intent = gateway.look(payment)
        with transaction() as work:
            observe(work, payment_id, intent)
    return pursue_payment(transaction, gateway, payment_id)


def _next(transaction: Transaction[Work], payment_id: UUID) -> tuple[Payment, Step | None]:
    """The next step; that creating it is begun is committed before Stripe is asked."""
    with transaction() as work:
        payment = work.payments.get(payment_id)
        step = next_step(payment)
        if step is Step.CREATE and not payment.asked:
            payment = work.payments.save(replace(payment, asked=True))
        return payment, step
