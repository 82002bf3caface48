"""Take what Stripe tells us: stored first, worked after."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.kernel.context import caused_by, request_id
from app.modules.payments.domain.payment import Payment, seen
from app.modules.payments.ports import UnitOfWork, WebhookEvent

log = logging.getLogger(__name__)

ABOUT_PAYMENTS = {"payment_intent", "charge", "refund", "dispute"}
KEPT = timedelta(days=30)


class Verdict(StrEnum):
    """What an event of Stripe's is to us."""

    OURS = "ours"  # one of our payments is looked at for it
    KNOWN = "known"  # we know already, as our own call told us first
    REPEATED = "repeated"
    FOREIGN = "foreign"  # about something else, or another program's payment on the same account
    MISMATCH = "mismatch"  # names a payment of ours and another amount or currency: no money is moved for it


def take_webhook(uow: UnitOfWork, event: WebhookEvent) -> Verdict:
    """Store an event whose signature was checked, and have its payment looked at if it may bring news.

    Everything well-formed is taken, as Stripe gives up on an endpoint that refuses; nothing is moved on the word of an
    event. Of what is not ours the body is not kept. Stripe brings no trace: the look goes on in that of the purchase.
    """
    payment = _payment_of(uow, event.about) if event.about.get("object") in ABOUT_PAYMENTS else None
    verdict = _verdict(payment, event)
    body = None if verdict is Verdict.FOREIGN else event.body
    if not uow.webhooks.store(event.id, event.type, verdict, body):
        return Verdict.REPEATED
    if verdict is Verdict.MISMATCH:
        log.error("event %s is about another amount or currency than that of our payment: see Stripe", event.id)
    if payment and verdict is Verdict.OURS:
        with caused_by(request_id.get(), payment.traceparent):
            uow.enqueue("look", payment.id)
    return verdict


def prune_webhooks(uow: UnitOfWork, now: datetime) -> int:
    """Forget what Stripe told more than 30 days ago; it repeats for three. Returns how many."""
    return uow.webhooks.prune(now - KEPT)


def _verdict(payment: Payment | None, event: WebhookEvent) -> Verdict:
    if payment is None:
        return Verdict.FOREIGN
    if event.about.get("object") != "payment_intent":
        return Verdict.OURS
    if event.money != payment.amount:
        return Verdict.MISMATCH
    return Verdict.KNOWN if event.intent is not None and seen(payment, event.intent) == payment else Verdict.OURS


def _payment_of(uow: UnitOfWork, about: Mapping[str, Any]) -> Payment | None:
    intent_id = about.get("id") if about.get("object") == "payment_intent" else about.get("payment_intent")
    if not isinstance(intent_id, str):
        return None
    return uow.payments.of_intent(intent_id) or _of_metadata(uow, about)


def _of_metadata(uow: UnitOfWork, about: Mapping[str, Any]) -> Payment | None:
    """By the order it names, as long as we know of no intent: Stripe's word may come before our own record of it."""
    metadata = about.get("metadata")
    try:
        payment = uow.payments.of_order(UUID(metadata["order_id"])) if isinstance(metadata, Mapping) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return payment if payment and payment.intent_id is None else None
