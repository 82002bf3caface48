"""What a customer may learn about a declined payment."""

# the codes of docs.stripe.com/declines/codes that describe the attempt and not the card
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
    """Return the provider's code, or generic_decline for all codes that describe the card: those would reveal which
    stolen card numbers are valid.
    """
    return failure if failure in DISCLOSED | OURS else GENERIC
