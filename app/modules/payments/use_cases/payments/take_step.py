"""Take one step of a payment at Stripe, and prepare for an unclear outcome."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import (
    LOOKS,
    LOOKS_FOR_INTENT,
    Intent,
    Payment,
    Step,
    key_is_retained,
)
from app.modules.payments.ports import Gateway, UnitOfWork


def prepare_step(transaction: Transaction[UnitOfWork], payment: Payment) -> Payment:
    """Prepare the step. After the last check of an unclear step it becomes a new call with another key; that is
    committed before the call is made.
    """
    if payment.unclear_at is None:
        return payment
    with transaction() as uow:
        return uow.payments.save(replace(payment, attempt=payment.attempt + 1, unclear_at=None))


def record_unclear(transaction: Transaction[UnitOfWork], payment: Payment, now: datetime) -> timedelta:
    """Record that the outcome of the step is unclear. Returns how long until the first check."""
    with transaction() as uow:
        uow.payments.save(replace(payment, unclear_at=now))
    return LOOKS_FOR_INTENT[0] if payment.intent_id is None else LOOKS[0]


def take_step(
    transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, step: Step, now: datetime
) -> Intent:
    """Take the step and return the intent. A creation whose key Stripe no longer stores is begun anew only if no intent
    of the order is found there.
    """
    if step is Step.CREATE and payment.requested_at and not key_is_retained(payment.requested_at, now):
        if found := gateway.find(payment):
            return found
        with transaction() as uow:
            payment = uow.payments.save(replace(uow.payments.get(payment.id), requested_at=now))
    return gateway.take(step, payment)
