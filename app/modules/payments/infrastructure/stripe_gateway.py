"""Stripe, through its own library. Every call carries an idempotency key of ours, so that it can be repeated."""

from typing import Any
from uuid import UUID

import stripe

from app.config import Settings
from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.modules.payments.domain.payment import Intent, Payment, Status, Step

STATUS = {
    "requires_payment_method": Status.OPEN,
    "requires_confirmation": Status.OPEN,
    "processing": Status.ACTION,
    "requires_action": Status.ACTION,
    "requires_capture": Status.AUTHORIZED,
    "succeeded": Status.CAPTURED,
    "canceled": Status.CANCELLED,
}
EXPAND = ["latest_charge"]


class StripeGateway:
    """Payment intents with manual capture. A refusal that tells the intent's state counts as an answer."""

    def __init__(self, settings: Settings) -> None:
        base: dict[str, Any] = {"base_addresses": {"api": settings.stripe_base}} if settings.stripe_base else {}
        self._stripe = stripe.StripeClient(
            settings.stripe_api_key or "sk_test_sandbox",
            http_client=stripe.RequestsClient(timeout=settings.stripe_timeout_seconds),
            max_network_retries=0,  # our worker repeats, across crashes too
            **base,
        )

    def take(self, step: Step, payment: Payment) -> Intent:
        """Make the call; the same step of the same payment twice has one effect."""
        once: Any = {"idempotency_key": f"{step}-{payment.id}"}
        intents = self._stripe.v1.payment_intents
        match step:
            case Step.CREATE:
                about: Any = {
                    "amount": payment.amount.amount,
                    "currency": payment.amount.currency.lower(),
                    "capture_method": "manual",
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "metadata": {"order_id": str(payment.order_id), "payment_id": str(payment.id)},
                    "expand": EXPAND,
                }
                return self._ask(lambda: intents.create(about, once))
            case Step.CAPTURE:
                return self._ask(lambda: intents.capture(payment.intent_id or "", {"expand": EXPAND}, once), step)
            case Step.CANCEL:
                return self._ask(lambda: intents.cancel(payment.intent_id or "", {"expand": EXPAND}, once))

    def look(self, payment: Payment) -> Intent:
        """The intent as it is now."""
        return self._ask(lambda: self._stripe.v1.payment_intents.retrieve(payment.intent_id or "", {"expand": EXPAND}))

    def confirm(self, payment: Payment, payment_method: str, attempt: UUID) -> Intent:
        """Pay with this method; the same attempt twice has one effect."""
        about: Any = {"payment_method": payment_method, "expand": EXPAND}
        once: Any = {"idempotency_key": f"confirm-{attempt}"}
        return self._ask(lambda: self._stripe.v1.payment_intents.confirm(payment.intent_id or "", about, once))

    def _ask(self, call: Any, step: Step | None = None) -> Intent:
        try:
            return _intent(call())
        except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
            raise Unavailable("stripe_unavailable", "Stripe does not answer: try again", {"retry_after": 2}) from error
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            body: Any = error.json_body or {}
            told = body.get("error", {})
            if "payment_intent" not in told:
                raise
            return _intent(told["payment_intent"], capture_failed=step is Step.CAPTURE and _for_good(told))


def _for_good(told: dict[str, Any]) -> bool:
    """A capture that was refused and whose intent can no longer be captured."""
    return told["payment_intent"]["status"] not in {"requires_capture", "succeeded"}


def _intent(told: Any, capture_failed: bool = False) -> Intent:
    charge = told["latest_charge"]
    charge = charge if not isinstance(charge, str) else None
    error = told["last_payment_error"]
    return Intent(
        id=told["id"],
        status=STATUS[told["status"]],
        amount=Money(told["amount"], told["currency"].upper()),
        client_secret=told["client_secret"],
        captured=told["amount_received"],
        refunded=charge["amount_refunded"] if charge else 0,
        failure=(error.get("decline_code") or error["code"]) if error else None,
        failed_attempt=error.get("charge") if error else None,
        capture_failed=capture_failed,
    )
