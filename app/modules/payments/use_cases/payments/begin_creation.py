"""Commit that the creation of an intent was begun, before Stripe is called."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Payment, Step, next_step
from app.modules.payments.ports import UnitOfWork


def begin_creation(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], payment_id: UUID, now: datetime
) -> Payment:
    """Return the payment. Only where its next step is to create the intent, a transaction is opened. Raises Stale."""
    with reading() as uow:
        payment = uow.payments.get(payment_id)
    if next_step(payment) is Step.CREATE and payment.requested_at is None:
        with transaction() as uow:
            payment = uow.payments.save(replace(payment, requested_at=now))
    return payment
