"""Bring our record up to what Stripe says: the one way in, for worker, webhook and the customer's own confirm."""

from dataclasses import replace
from uuid import UUID

from app.kernel.errors import Stale
from app.kernel.transaction import Transaction
from app.modules.payments.domain.payment import Intent, Payment, Wanted, next_step, owed, seen
from app.modules.payments.domain.refund import standing
from app.modules.payments.ports import Gateway, Work
from app.modules.payments.use_cases.payments.news import news
from app.modules.payments.use_cases.refunds.note_refunds import note_refunds
from app.modules.payments.use_cases.refunds.refund_news import refund_news

TRIES = 5


def look(transaction: Transaction[Work], gateway: Gateway, payment_id: UUID) -> tuple[Payment, Payment]:
    """See what Stripe says of it now; the payment before and after. Raises Unavailable, NotFound(no_such_intent)."""
    with transaction() as work:
        payment = work.payments.get(payment_id)
    return payment, record(transaction, gateway, payment, gateway.look(payment))


def record(transaction: Transaction[Work], gateway: Gateway, payment: Payment, intent: Intent) -> Payment:
    """Keep what a call answered that was made of the payment as it then was.

    Looks have an order: where the payment has changed since, this answer may be older than what changed it, and Stripe
    is asked anew. Raises Unavailable, Stale.
    """
    for _ in range(TRIES):
        with transaction() as work:
            now = work.payments.get(payment.id)
            if now.version == payment.version:
                return observe(work, now, intent)
        payment, intent = now, gateway.look(replace(now, intent_id=intent.id))
    raise Stale(f"payment {payment.id} changes all the time")


def observe(work: Work, before: Payment, intent: Intent) -> Payment:
    """Only a real change is saved and said, so nothing is said twice. Raises Conflict(not_our_payment), Stale."""
    after = seen(before, intent)
    noted = note_refunds(work, before, intent.reversals)
    if after == before and not noted.changed:
        return before
    saved = work.payments.save(after)
    state = standing(noted.refunds, owed(saved))
    work.publish(*news(before, saved), *refund_news(saved, noted, state))
    if next_step(saved) is not None or (saved.wanted is Wanted.CANCELLED and saved.captured > before.captured):
        work.ask("pursue", saved.id)
    return saved
