"""What Stripe refuses when an intent is created or confirmed, before it does anything."""

from .currencies import check_amount
from .refusals import Record, invalid, missing

ONLY_WITH_CONFIRM = {"error_on_requires_action", "off_session", "return_url"}


def check_new_intent(given: Record) -> None:
    """Check the amount, the currency, and parameters that exclude each other. Raises Refused."""
    if customer := given.get("customer"):
        raise missing("customer", customer, "customer", status=400)
    check_amount(given["amount"], given["currency"].lower())
    if given.get("automatic_payment_methods") and given.get("allowed_payment_method_types"):
        message = "You may only specify one of: automatic_payment_methods, allowed_payment_method_types."
        raise invalid(message, param="allowed_payment_method_types")
    if not given.get("confirm") and (early := given.keys() & ONLY_WITH_CONFIRM):
        name = min(early)
        raise invalid(f"`{name}` can only be used when `confirm=true`.", param=name)


def check_return(intent: Record, given: Record) -> None:
    """Check that an intent which may redirect the customer has a return_url; by default every intent may. Raises
    Refused.
    """
    methods = intent["automatic_payment_methods"]
    if methods and methods["allow_redirects"] == "always" and not given.get("return_url"):
        message = (
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. "
            "If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to "
            "`true` and `automatic_payment_methods[allow_redirects]` to `never`, or `allowed_payment_method_types`."
        )
        raise invalid(message, param="return_url")
