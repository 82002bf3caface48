"""Checks the signature of Stripe's webhooks with Stripe's library, and what the library does not check or fails on."""

import json
import time
from collections.abc import Sequence
from typing import Any

import stripe

from app.kernel.errors import Invalid
from app.kernel.money import Money
from app.modules.payments.domain.payment import Intent
from app.modules.payments.infrastructure.stripe.objects import intent_of
from app.modules.payments.infrastructure.stripe.units import from_stripe
from app.modules.payments.ports import WebhookEvent

ID, TYPE = 100, 100  # the characters of an event's id and type that are stored
TOLERANCE = 300  # seconds, into the past and into the future; the library accepts any future


class StripeSignature:
    """Checks signatures with any of the secrets: there are two while they are rotated."""

    def __init__(self, secrets: Sequence[str], *, livemode: bool) -> None:
        self._secrets = secrets
        self._livemode = livemode

    def open(self, body: bytes, header: str) -> WebhookEvent:
        if not any(self._matches(body, header, secret) for secret in self._secrets):
            raise Invalid("bad_signature", "the Stripe-Signature does not match this body")
        try:
            event = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Invalid("bad_webhook", "the body is not JSON") from error
        if not (isinstance(event, dict) and _is_id(event.get("id")) and isinstance(event.get("type"), str)):
            raise Invalid("bad_webhook", "the body is not an event")
        if event.get("livemode") is not self._livemode:
            raise Invalid("bad_webhook", "the event is of the other mode (live or test)")
        about = event["data"].get("object") if isinstance(event.get("data"), dict) else None
        about = (
            about if isinstance(about, dict) else {}
        )  # an event without an object is well-formed, but not about our payments
        type = "".join(each if each.isprintable() else "\ufffd" for each in event["type"][:TYPE])
        return WebhookEvent(
            id=event["id"], type=type, about=about, intent=_intent(about), money=_money(about), body=body
        )

    def _matches(self, body: bytes, header: str, secret: str) -> bool:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), header, secret, TOLERANCE)
            (signed_at,) = (
                int(part[2:]) for part in header.split(",") if part.startswith("t=")
            )  # exactly one timestamp
        except Exception:  # a non-ASCII header raises TypeError, others ValueError: all mean that it does not match
            return False
        return signed_at <= time.time() + TOLERANCE


def _intent(about: dict[str, Any]) -> Intent | None:
    try:
        return intent_of(about) if about.get("object") == "payment_intent" else None
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, OSError, Invalid):
        return None  # of another version of Stripe's API: the payment is read from Stripe instead


def _is_id(id: object) -> bool:
    return isinstance(id, str) and 1 <= len(id) <= ID and id.isprintable()


def _money(about: dict[str, Any]) -> Money | None:
    amount, currency = about.get("amount"), about.get("currency")
    try:
        return from_stripe(amount, currency) if isinstance(amount, int) and isinstance(currency, str) else None
    except Invalid:
        return None
