"""Update a payment from an intent of Stripe: one path for the worker, the webhooks and the customer's confirmation."""

from dataclasses import replace
from uuid import UUID

from app.kernel.errors import Stale
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import DesiredState, Intent, Payment, next_step, updated_from
from app.modules.payments.ports import Gateway, UnitOfWork
from app.modules.payments.use_cases.payments.payment_events import payment_events
from app.modules.payments.use_cases.refunds.publish_nothing_due import publish_nothing_due
from app.modules.payments.use_cases.refunds.record_refunds import record_refunds
from app.modules.payments.use_cases.refunds.refund_events import refund_events

TRIES = 5


def look(transaction: Transaction[UnitOfWork], gateway: Gateway, payment_id: UUID) -> tuple[Payment, Payment]:
    """Read the payment at Stripe and record it. Returns the payment before and after. Raises Unavailable,
    NotFound(no_such_intent).
    """
    with transaction() as uow:
        payment = uow.payments.get(payment_id)
    return payment, record(transaction, gateway, payment, gateway.look(payment))


def record(transaction: Transaction[UnitOfWork], gateway: Gateway, payment: Payment, intent: Intent) -> Payment:
    """Record the intent that a call returned; `payment` is the payment as it was when the call was made.

    If the payment has changed since, the intent may be older than that change, so Stripe is read again. Raises
    Unavailable, Stale.
    """
    for _ in range(TRIES):
        with transaction() as uow:
            now = uow.payments.get(payment.id)
            if now.version == payment.version:
                return observe(uow, now, intent)
        payment, intent = now, gateway.look(replace(now, intent_id=intent.id))
    raise Stale(f"payment {payment.id} keeps being changed by other transactions: try again")


def observe(uow: UnitOfWork, before: Payment, intent: Intent) -> Payment:
    """Save the payment and publish its events, only if the intent changes it: so no event is published twice.

    Raises Conflict(not_our_payment), Stale.
    """
    after = updated_from(before, intent)
    recorded = record_refunds(uow, before, intent.reversals)
    if after == before and not recorded.changed:
        return before
    saved = uow.payments.save(after)
    uow.publish(*payment_events(before, saved), *refund_events(saved, recorded))
    if saved.disputed != before.disputed and not recorded.changed:
        publish_nothing_due(uow, saved)
    if next_step(saved) is not None or (saved.desired is DesiredState.CANCELLED and saved.captured > before.captured):
        uow.enqueue("pursue", saved.id)
    return saved
