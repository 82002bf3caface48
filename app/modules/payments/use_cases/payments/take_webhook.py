"""Receive an event from Stripe: it is stored first and processed afterwards."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.kernel.context import caused_by, request_id
from app.modules.payments.domain.payment import Payment, updated_from
from app.modules.payments.ports import UnitOfWork, WebhookEvent

log = logging.getLogger(__name__)

ABOUT_PAYMENTS = ("payment_intent", "charge", "refund", "dispute")
RETENTION = timedelta(days=30)


class Verdict(StrEnum):
    """What an event of Stripe means to this module."""

    OURS = "ours"  # one of our payments will be read from Stripe
    KNOWN = "known"  # changes nothing: our own call had returned it already
    REPEATED = "repeated"
    FOREIGN = "foreign"  # about something else, or about a payment of another program on the same account
    MISMATCH = "mismatch"  # names one of our payments, but another amount or currency: no money is moved for it


def take_webhook(uow: UnitOfWork, event: WebhookEvent) -> Verdict:
    """Store an event whose signature was checked, and add a job that reads its payment if that may have changed.

    Every well-formed event is accepted, as Stripe disables an endpoint that refuses events. No money is moved because
    of the content of an event. The body of a foreign event is not stored. Stripe sends no trace context, so the job
    continues the trace of the purchase.
    """
    payment = _payment_of(uow, event.about) if event.about.get("object") in ABOUT_PAYMENTS else None
    verdict = _verdict(payment, event)
    body = None if verdict is Verdict.FOREIGN else event.body
    if not uow.webhooks.store(event.id, event.type, verdict, body):
        return Verdict.REPEATED
    if verdict is Verdict.MISMATCH:
        log.error("event %s has another amount or currency than our payment: check it in Stripe's dashboard", event.id)
    if payment and verdict is Verdict.OURS:
        with caused_by(request_id.get(), payment.traceparent):
            uow.enqueue("look", payment.id)
    return verdict


def prune_webhooks(uow: UnitOfWork, now: datetime) -> int:
    """Delete a slice of the events received over 30 days ago; Stripe repeats one for three days. Returns how many."""
    return uow.webhooks.prune(now - RETENTION)


def _verdict(payment: Payment | None, event: WebhookEvent) -> Verdict:
    if payment is None:
        return Verdict.FOREIGN
    if event.about.get("object") != "payment_intent":
        return Verdict.OURS
    if event.money != payment.amount:
        return Verdict.MISMATCH
    is_known = event.intent is not None and updated_from(payment, event.intent) == payment
    return Verdict.KNOWN if is_known else Verdict.OURS


def _payment_of(uow: UnitOfWork, about: Mapping[str, Any]) -> Payment | None:
    intent_id = about.get("id") if about.get("object") == "payment_intent" else about.get("payment_intent")
    if not (isinstance(intent_id, str) and intent_id.isprintable()):
        return None
    return uow.payments.of_intent(intent_id) or _of_metadata(uow, about)


def _of_metadata(uow: UnitOfWork, about: Mapping[str, Any]) -> Payment | None:
    """Find the payment by the order id in the metadata, if its intent id is not recorded yet: the webhook may arrive
    before our own record is committed.
    """
    metadata = about.get("metadata")
    try:
        payment = uow.payments.of_order(UUID(metadata["order_id"])) if isinstance(metadata, Mapping) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return payment if payment and payment.intent_id is None else None
