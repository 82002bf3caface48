"""Bring a payment to its desired state. Run as a job by the module's worker, never by a subscription or a webhook."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Payment, Status, next_step, owed
from app.modules.payments.ports import Gateway, Unclear, UnitOfWork
from app.modules.payments.use_cases.payments.await_effect import until_next_look
from app.modules.payments.use_cases.payments.begin_creation import begin_creation
from app.modules.payments.use_cases.payments.give_up import give_up
from app.modules.payments.use_cases.payments.observe import record
from app.modules.payments.use_cases.payments.take_step import prepare_step, record_unclear, take_step
from app.modules.payments.use_cases.refunds.request_refund import refund_late_money

log = logging.getLogger(__name__)

Now = Callable[[], datetime]
Count = Callable[[], object]
LOOK_AGAIN = timedelta(minutes=5)  # in case all webhooks about it are lost
LOOK_AT_HOLD = timedelta(hours=1)  # the same, for a payment that may rest for days


def pursue_payment(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    gateway: Gateway,
    unreported: Count,
    payment_id: UUID,
    now: Now = clock.now,
) -> timedelta | None:
    """Take the steps towards the desired state. It may crash anywhere and be run again: the customer pays once.

    Returns after what time to run it again; None when nothing more is to come. `unreported` counts changes that were
    found at Stripe and that no webhook had reported.
    """
    payment = begin_creation(transaction, reading, payment_id, now())
    is_idle = next_step(payment) is None and payment.intent_id is not None and not payment.is_settled
    if payment.unclear_at is not None or is_idle:
        before, payment = payment, _look(transaction, gateway, payment)
        if payment != before and before.unclear_at is None:
            unreported()
    return _take_steps(transaction, gateway, payment, now)


def look_at_payment(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    gateway: Gateway,
    payment_id: UUID,
    now: Now = clock.now,
) -> timedelta | None:
    """Read the payment at Stripe, then take the steps towards its desired state. Returns the same as pursue_payment."""
    payment = begin_creation(transaction, reading, payment_id, now())
    if payment.intent_id is not None:
        payment = _look(transaction, gateway, payment)
    return _take_steps(transaction, gateway, payment, now)


def _look(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment) -> Payment:
    """Read the payment at Stripe, and return it as it is now."""
    intent = gateway.look(payment) if payment.intent_id else gateway.find(payment)
    return payment if intent is None else record(transaction, gateway, payment, intent)


def _take_steps(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, now: Now) -> timedelta | None:
    """Take one step after the other. `payment` is as it was last committed here: whoever changes it in the meantime
    requests another run.
    """
    while (step := next_step(payment)) is not None:
        if payment.unclear_at and (wait := until_next_look(payment, step, now())):
            return wait
        payment = prepare_step(transaction, payment)
        crash_point(f"before_{step}")
        try:
            intent = take_step(transaction, gateway, payment, step, now())
        except Unclear:
            return record_unclear(transaction, payment, now())
        except Invalid as refused:
            log.error("payment %s: %s", payment.id, refused)
            with transaction() as uow:
                give_up(uow, payment.id, refused.code)
            return None
        crash_point(f"after_{step}")
        payment = record(transaction, gateway, payment, intent)
        if next_step(payment) is step:
            return LOOK_AGAIN  # Stripe refused the step, and the intent is unchanged
    if owed(payment) > 0:
        with transaction() as uow:
            refund_late_money(uow, payment, now())
    if payment.is_settled or payment.status is Status.NEW:
        return None
    return LOOK_AT_HOLD if payment.is_on_hold else LOOK_AGAIN
