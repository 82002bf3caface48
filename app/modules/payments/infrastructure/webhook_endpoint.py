"""The events that Stripe must tell us, and whether its endpoint for this shop is subscribed to them."""

from collections.abc import Iterator

import stripe

from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.modules.payments.settings import PaymentsSettings

PATH = "/api/v1/payments/webhooks/stripe"
QUICK = 4.0  # seconds
WEBHOOK_EVENTS = (  # what tells us something new; the webhook endpoint at Stripe needs the same, and doctor compares
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


def subscription_check(settings: PaymentsSettings) -> Iterator[CheckResult]:
    """Reads the account's webhook endpoints: a restricted key needs that right for it, and for nothing else."""
    try:
        endpoints = _endpoints(settings)
    except stripe.StripeError as error:
        sentence = f"its webhook endpoints cannot be read: {type(error).__name__}"
        yield warn("stripe", "webhooks", sentence, "compare them with docs/deploying.md, or let the key read them")
        return
    ours = [each for each in endpoints if str(each.url).endswith(PATH)]
    enabled = [each for each in ours if each.status == "enabled"]
    if not enabled:
        sentence = "Stripe has switched our endpoint off" if ours else f"no endpoint of Stripe's is for {PATH}"
        yield wrong("stripe", "webhooks", sentence, "add or enable it in Stripe's dashboard: docs/deploying.md")
        return
    subscribed = {type for each in enabled for type in each.enabled_events}
    if missing := [type for type in WEBHOOK_EVENTS if type not in subscribed and "*" not in subscribed]:
        sentence = f"its endpoint is not subscribed to {', '.join(missing)}"
        yield wrong(
            "stripe", "webhooks", sentence, "add them in Stripe's dashboard; until then they are found by looking"
        )
    else:
        yield ok("stripe", "webhooks", f"its endpoint tells all {len(WEBHOOK_EVENTS)} events that are needed")


def _endpoints(settings: PaymentsSettings) -> list[stripe.WebhookEndpoint]:
    base = {"base_addresses": {"api": settings.stripe_base}} if settings.stripe_base else {}
    client = stripe.StripeClient(
        settings.stripe_api_key or "sk_test_sandbox",
        http_client=stripe.RequestsClient(timeout=QUICK),
        max_network_retries=0,
        **base,  # type: ignore[arg-type]
    )
    return list(client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter())
