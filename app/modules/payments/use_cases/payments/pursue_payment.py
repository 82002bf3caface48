"""Bring a payment to where it is wanted. Run by the module's worker, never by a subscription or a webhook."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import (
    Payment,
    Status,
    Step,
    next_step,
)
from app.modules.payments.ports import Gateway, Unclear, UnitOfWork
from app.modules.payments.use_cases.payments.await_effect import until_next_look
from app.modules.payments.use_cases.payments.give_up import give_up
from app.modules.payments.use_cases.payments.observe import record
from app.modules.payments.use_cases.payments.take_step import begun, taken, unclear
from app.modules.payments.use_cases.refunds.request_refund import refund_late_money

log = logging.getLogger(__name__)

Now = Callable[[], datetime]
Count = Callable[[], object]
LOOK_AGAIN = timedelta(minutes=5)  # should every webhook about it be lost


def pursue_payment(
    transaction: Transaction[UnitOfWork], gateway: Gateway, unreported: Count, payment_id: UUID, now: Now = clock.now
) -> timedelta | None:
    """Take the steps towards what is wanted of a payment. Crash anywhere and run it again: the customer pays once.

    Returns when to look again; None when nothing more is to come. `unreported` counts news that no webhook has told.
    """
    payment, step = _next(transaction, payment_id, now())
    if payment.unclear_at is not None or (step is None and payment.intent_id is not None and not payment.is_settled):
        if _look(transaction, gateway, payment) and payment.unclear_at is None:
            unreported()
        payment, step = _next(transaction, payment_id, now())
    return _take_steps(transaction, gateway, payment, step, now)


def look_at_payment(
    transaction: Transaction[UnitOfWork], gateway: Gateway, payment_id: UUID, now: Now = clock.now
) -> timedelta | None:
    """See what Stripe says of it now, then pursue it. Returns as pursue_payment."""
    with transaction() as uow:
        payment = uow.payments.get(payment_id)
    if payment.intent_id is not None:
        _look(transaction, gateway, payment)
    payment, step = _next(transaction, payment_id, now())
    return _take_steps(transaction, gateway, payment, step, now)


def _look(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment) -> bool:
    """Whether Stripe has news of it."""
    intent = gateway.look(payment) if payment.intent_id else gateway.find(payment)
    return intent is not None and record(transaction, gateway, payment, intent) != payment


def _take_steps(
    transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, step: Step | None, now: Now
) -> timedelta | None:
    while step is not None:
        if payment.unclear_at and (wait := until_next_look(payment, step, now())):
            return wait
        payment = begun(transaction, payment)
        crash_point(f"before_{step}")
        try:
            intent = taken(transaction, gateway, payment, step, now())
        except Unclear:
            return unclear(transaction, payment, now())
        except Invalid as refused:
            log.error("payment %s: %s", payment.id, refused)
            with transaction() as uow:
                give_up(uow, payment.id, refused.code)
            return None
        crash_point(f"after_{step}")
        record(transaction, gateway, payment, intent)
        before, (payment, step) = step, _next(transaction, payment.id, now())
        if step is before:
            return LOOK_AGAIN  # Stripe would not, and left it where it was
    with transaction() as uow:
        refund_late_money(uow, payment, now())
    return None if payment.is_settled or payment.status is Status.NEW else LOOK_AGAIN


def _next(transaction: Transaction[UnitOfWork], payment_id: UUID, now: datetime) -> tuple[Payment, Step | None]:
    """The next step; that creating it is begun is committed before Stripe is asked."""
    with transaction() as uow:
        payment = uow.payments.get(payment_id)
        step = next_step(payment)
        if step is Step.CREATE and payment.asked_at is None:
            payment = uow.payments.save(replace(payment, asked_at=now))
        return payment, step
