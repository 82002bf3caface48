"""One step of a payment at Stripe, and what is done where its outcome is unclear."""

from dataclasses import replace
from datetime import datetime, timedelta

from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import (
    LOOKS,
    LOOKS_FOR_INTENT,
    Intent,
    Payment,
    Step,
    key_is_kept,
)
from app.modules.payments.ports import Gateway, UnitOfWork


def begun(transaction: Transaction[UnitOfWork], payment: Payment) -> Payment:
    """After the last look the step is another call: that it is, is committed before it is made."""
    if payment.unclear_at is None:
        return payment
    with transaction() as uow:
        return uow.payments.save(replace(payment, attempt=payment.attempt + 1, unclear_at=None))


def unclear(transaction: Transaction[UnitOfWork], payment: Payment, now: datetime) -> timedelta:
    """When to look for what the step has done."""
    with transaction() as uow:
        uow.payments.save(replace(payment, unclear_at=now))
    return LOOKS_FOR_INTENT[0] if payment.intent_id is None else LOOKS[0]


def taken(
    transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, step: Step, now: datetime
) -> Intent:
    """The intent after this step. Creating it begins anew where Stripe has forgotten the key and knows of none."""
    if step is Step.CREATE and payment.asked_at and not key_is_kept(payment.asked_at, now):
        if found := gateway.find(payment):
            return found
        with transaction() as uow:
            payment = uow.payments.save(replace(uow.payments.get(payment.id), asked_at=now))
    return gateway.take(step, payment)
