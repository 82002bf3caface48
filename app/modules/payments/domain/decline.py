"""What a customer is told of why an attempt to pay failed."""

# of docs.stripe.com/declines/codes, those that speak of the attempt and not of the card
DISCLOSED = frozenset(
    {
        "approve_with_id",
        "authentication_required",
        "currency_not_supported",
        "duplicate_transaction",
        "issuer_not_available",
        "payment_intent_authentication_failure",
        "processing_error",
        "reenter_transaction",
        "try_again_later",
    }
)
OURS = frozenset({"amount_not_payable", "capture_failed"})
GENERIC = "generic_decline"


def public_code(failure: str) -> str:
    """The provider's code, or one for all that speak of the card: they would say which stolen numbers are good."""
    return failure if failure in DISCLOSED | OURS else GENERIC
