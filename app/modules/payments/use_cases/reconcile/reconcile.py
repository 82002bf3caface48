"""Compare payments with Stripe."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.reconcile.drift import drift_between

BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A payment that differs from its intent at Stripe, or from what it should be."""

    payment: Payment
    sentence: str


def reconcile(
    reading: Transaction[UnitOfWork], gateway: Gateway, since: datetime, quiet_before: datetime
) -> Iterator[Drift | None]:
    """Yield one result for each payment opened since `since`, None if it does not differ; and for each older one with a
    refund or a dispute of since then, as banks take months. Raises Unavailable.

    A payment opened after `quiet_before` may be in progress: money not refunded yet for a cancelled order is no drift
    then.
    """
    after: UUID | None = None
    while True:
        with reading() as uow:
            batch = uow.payments.begun_since(since, after, BATCH)
        for payment in batch:
            yield _compared(reading, gateway, payment, quiet_before)
        if len(batch) < BATCH:
            break
        after = batch[-1].id
    for intent_id in sorted(gateway.reversed_since(since)):
        with reading() as uow:
            older = uow.payments.of_intent(intent_id)
        if older and older.created_at < since:
            yield _compared(reading, gateway, older, quiet_before)


def drift_of(
    reading: Transaction[UnitOfWork], gateway: Gateway, payment_id: UUID, quiet_before: datetime
) -> Drift | None:
    """Compare one payment as it is now."""
    with reading() as uow:
        payment = uow.payments.get(payment_id)
    return _compared(reading, gateway, payment, quiet_before)


def _compared(
    reading: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, quiet_before: datetime
) -> Drift | None:
    sentence = drift_between(reading, gateway, payment, payment.created_at < quiet_before)
    return Drift(payment=payment, sentence=sentence) if sentence else None
