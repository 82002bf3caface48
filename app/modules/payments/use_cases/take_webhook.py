"""Take what Stripe tells us: stored first, worked after."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import Work

ABOUT_PAYMENTS = {"payment_intent", "charge", "refund"}
KEPT = timedelta(days=30)


def take_webhook(work: Work, event_id: str, type: str, about: Mapping[str, Any], body: bytes) -> None:
    """Store an event whose signature was checked, and have its payment looked at. Only stored events are worked.

    `about` is the event's object; what has nothing to do with payments is stored and left at that.
    Raises Invalid(not_our_payment) for a payment that is not one of ours.
    """
    if about.get("object") not in ABOUT_PAYMENTS:
        work.webhooks.store(event_id, type, body)
        return
    payment = _payment_of(work, about)
    if about.get("object") == "payment_intent" and not _same_money(about, payment):
        raise Invalid("not_our_payment", "amount or currency is not that of our payment")
    if work.webhooks.store(event_id, type, body):
        work.ask("look", payment.id)


def prune_webhooks(work: Work, now: datetime) -> int:
    """Forget what Stripe told more than 30 days ago; it repeats for three. Returns how many."""
    return work.webhooks.prune(now - KEPT)


def _same_money(about: Mapping[str, Any], payment: Payment) -> bool:
    currency = about.get("currency")
    return about.get("amount") == payment.amount.amount and currency == payment.amount.currency.lower()


def _payment_of(work: Work, about: Mapping[str, Any]) -> Payment:
    intent_id = about.get("id") if about.get("object") == "payment_intent" else about.get("payment_intent")
    payment = work.payments.of_intent(str(intent_id)) or _of_metadata(work, about)
    if payment is None:
        raise Invalid("not_our_payment", "no payment of ours belongs to this event")
    return payment


def _of_metadata(work: Work, about: Mapping[str, Any]) -> Payment | None:
    """By the order it names: Stripe's word may come before our own record of the intent's id."""
    metadata = about.get("metadata")
    try:
        return work.payments.of_order(UUID(metadata["order_id"])) if isinstance(metadata, Mapping) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
