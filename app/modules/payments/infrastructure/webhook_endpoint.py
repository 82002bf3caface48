"""The types of events that payments needs from Stripe, and a check that its webhook endpoint sends them."""

from collections.abc import Iterator

import stripe

from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.modules.payments.settings import PaymentsSettings

PATH = "/api/v1/payments/webhooks/stripe"
QUICK = 4.0  # seconds
WEBHOOK_EVENTS = (  # the webhook endpoint at Stripe must send the same; `flask doctor` compares them
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
    """Read the account's webhook endpoints. A restricted key needs the right to read them for this check only."""
    try:
        endpoints = _endpoints(settings)
    except stripe.StripeError as error:
        sentence = f"its webhook endpoints cannot be read: {type(error).__name__}"
        yield warn("stripe", "webhooks", sentence, "compare them with docs/deploying.md, or allow the key to read them")
        return
    ours = [each for each in endpoints if str(each.url).endswith(PATH)]
    enabled = [each for each in ours if each.status == "enabled"]
    if not enabled:
        sentence = "Stripe has disabled our endpoint" if ours else f"no endpoint at Stripe has the path {PATH}"
        yield wrong("stripe", "webhooks", sentence, "add or enable it in Stripe's dashboard: docs/deploying.md")
        return
    subscribed = {type for each in enabled for type in each.enabled_events}
    if missing := [type for type in WEBHOOK_EVENTS if type not in subscribed and "*" not in subscribed]:
        sentence = f"its endpoint is not subscribed to {', '.join(missing)}"
        yield wrong(
            "stripe",
            "webhooks",
            sentence,
            "add them in Stripe's dashboard; until then these changes are found by polling",
        )
    else:
        yield ok("stripe", "webhooks", f"its endpoint sends all {len(WEBHOOK_EVENTS)} types of events that are needed")


def _endpoints(settings: PaymentsSettings) -> list[stripe.WebhookEndpoint]:
    base = {"base_addresses": {"api": settings.stripe_base}} if settings.stripe_base else {}
    client = stripe.StripeClient(
        settings.stripe_api_key or "sk_test_sandbox",
        http_client=stripe.RequestsClient(timeout=QUICK),
        max_network_retries=0,
        **base,  # type: ignore[arg-type]
    )
    return list(client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter())
