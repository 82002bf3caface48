"""The fields of a payment intent, as Stripe has them."""

from .call import new_id
from .clock import now
from .refusals import Record

FROM_PARAMETERS = (
    "description",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)
NOTHING_YET = (
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "customer",
    "excluded_payment_method_types",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "review",
    "transfer_data",
)


def intent_object(given: Record) -> Record:
    """Return a new intent without a payment method."""
    identity = new_id("pi")
    allowed = given.get("allowed_payment_method_types")
    automatic = {"allow_redirects": "always", "enabled": True} | given.get("automatic_payment_methods", {})
    return {
        **dict.fromkeys(NOTHING_YET),
        **{name: given.get(name) for name in FROM_PARAMETERS},
        "id": identity,
        "object": "payment_intent",
        "allowed_payment_method_types": allowed,
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None if allowed or not automatic["enabled"] else automatic,
        "capture_method": given.get("capture_method", "automatic"),
        "client_secret": new_id(f"{identity}_secret"),
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": given["currency"].lower(),
        "livemode": False,
        "metadata": {key: value for key, value in given.get("metadata", {}).items() if value},
        "payment_method_options": given.get("payment_method_options", {}),
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }
