"""Our own Stripe, as a program beside the shop where there is no key for the real one."""

import sys

from app.config import Settings

HEARD = (  # what tells us something new; the webhook endpoint at Stripe needs the same, and doctor compares
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.amount_capturable_updated",
    "payment_intent.payment_failed",
    "payment_intent.succeeded",
    "payment_intent.canceled",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)


def sandbox_program(settings: Settings) -> list[str]:
    """Its command line. Where the shop listens on one address only, that is where it hears of payments."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 — not bound here
    host = f"[{host}]" if ":" in host else host
    return [
        *(sys.executable, "-m", "sandbox"),
        *("--port", str(settings.sandbox_port)),
        *("--database", str(settings.data / "sandbox.sqlite")),
        *("--webhook-url", f"http://{host}:{settings.port}/api/v1/payments/webhooks/stripe"),
        *("--webhook-secret", settings.stripe_webhook_secrets[0]),
        *(part for type in HEARD for part in ("--webhook-event", type)),
    ]
