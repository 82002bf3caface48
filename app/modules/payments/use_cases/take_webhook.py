"""Take what Stripe tells us: stored first, worked after."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.payments.domain.payment import Payment
from app.modules.payments.ports import Work


def take_webhook(work: Work, event_id: str, type: str, about: Mapping[str, Any], body: bytes) -> None:
    """Store an event whose signature was checked, and have its payment looked at. Only stored events are worked.

    `about` is the event's object. Raises Invalid for an object that is not one of our payments.
    """
    payment = _payment_of(work, about)
    if about.get("object") == "payment_intent" and (about["amount"], about["currency"].upper()) != (
        payment.amount.amount,
        payment.amount.currency,
    ):
        raise Invalid("not_our_payment", "amount or currency is not that of our payment")
    if work.webhooks.store(event_id, type, body):
        work.ask("look", payment.id)


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
