"""Bring our record up to what Stripe says: the one way in, for worker, webhook and the customer's own confirm."""

from dataclasses import replace
from uuid import UUID

from app.kernel.errors import Stale
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import DesiredState, Intent, Payment, next_step, owed, seen
from app.modules.payments.domain.refund import refund_state
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.payments.payment_events import payment_events
from app.modules.payments.use_cases.refunds.record_refunds import record_refunds
from app.modules.payments.use_cases.refunds.refund_events import refund_events

TRIES = 5


def look(transaction: Transaction[UnitOfWork], gateway: Gateway, payment_id: UUID) -> tuple[Payment, Payment]:
    """See what Stripe says of it now; the payment before and after. Raises Unavailable, NotFound(no_such_intent)."""
    with transaction() as uow:
        payment = uow.payments.get(payment_id)
    return payment, record(transaction, gateway, payment, gateway.look(payment))


def record(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, intent: Intent) -> Payment:
    """Keep what a call answered that was made of the payment as it then was.

    Looks have an order: where the payment has changed since, this answer may be older than what changed it, and Stripe
    is asked anew. Raises Unavailable, Stale.
    """
    for _ in range(TRIES):
        with transaction() as uow:
            now = uow.payments.get(payment.id)
            if now.version == payment.version:
                return observe(uow, now, intent)
        payment, intent = now, gateway.look(replace(now, intent_id=intent.id))
    raise Stale(f"payment {payment.id} changes all the time")


def observe(uow: UnitOfWork, before: Payment, intent: Intent) -> Payment:
    """Only a real change is saved and said, so nothing is said twice. Raises Conflict(not_our_payment), Stale."""
    after = seen(before, intent)
    recorded = record_refunds(uow, before, intent.reversals)
    if after == before and not recorded.changed:
        return before
    saved = uow.payments.save(after)
    state = refund_state(recorded.refunds, owed(saved))
    uow.publish(*payment_events(before, saved), *refund_events(saved, recorded, state))
    if next_step(saved) is not None or (saved.desired is DesiredState.CANCELLED and saved.captured > before.captured):
        uow.enqueue("pursue", saved.id)
    return saved
