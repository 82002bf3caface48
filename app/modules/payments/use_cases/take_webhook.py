"""Take what Stripe tells us: stored first, worked after."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.kernel.context import caused_by, request_id
from app.kernel.errors import Invalid
from app.modules.payments.domain.payment import Payment, seen
from app.modules.payments.ports import Told, Work

ABOUT_PAYMENTS = {"payment_intent", "charge", "refund"}
KEPT = timedelta(days=30)


def take_webhook(work: Work, told: Told) -> None:
    """Store an event whose signature was checked, and have its payment looked at if it may bring news.

    What has nothing to do with payments is stored and left at that; so is what we know already, as most are: our own
    calls told us first. Nothing is moved on the word of an event. Stripe brings no trace: the look goes on in that of
    the purchase. Raises Invalid(not_our_payment).
    """
    if told.about.get("object") not in ABOUT_PAYMENTS:
        work.webhooks.store(told.id, told.type, told.body)
        return
    payment = _payment_of(work, told.about)
    if told.about.get("object") == "payment_intent" and not _same_money(told.about, payment):
        raise Invalid("not_our_payment", "amount or currency is not that of our payment")
    is_known = told.intent is not None and seen(payment, told.intent) == payment
    if work.webhooks.store(told.id, told.type, told.body) and not is_known:
        with caused_by(request_id.get(), payment.traceparent):
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
