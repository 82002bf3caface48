"""Payment methods of customers. Only test cards exist."""

from .call import Call, new_id
from .cards import Card, card_of_alias, card_of_number
from .clock import now
from .refusals import Record, Refused, invalid, missing


def create_payment_method(call: Call, _: str, given: Record) -> Record:
    """Create a payment method from a test card's token or number."""
    details = given.get("card", {})
    if token := details.get("token"):
        card = card_of_alias(token)
        if card is None or not token.startswith("tok_"):
            raise missing("token", token, "card[token]", status=400)
    elif number := details.get("number"):
        card = card_of_number(number)
        if card is None:
            message = "Your card was declined. Your request was in test mode, but used a non test card."
            raise Refused(402, "card_error", message, code="card_declined", decline_code="test_mode_live_card")
    else:
        raise invalid("Missing required param: card.", param="card", code="parameter_missing")
    method = method_of(card, new_id("pm"))
    method["metadata"] = {key: value for key, value in given.get("metadata", {}).items() if value}
    method["billing_details"].update(given.get("billing_details", {}))
    call.rows.add(method)
    return method


def retrieve_payment_method(call: Call, identity: str, _: Record) -> Record:
    """Return a stored payment method, or the test card of a `pm_card_…` name."""
    return find_method(call, identity, "payment_method", status=404)


def find_method(call: Call, identity: str, param: str, *, status: int) -> Record:
    """Find the payment method that a path or a parameter names. Raises Refused if there is none."""
    if identity.startswith("pm_card_") and (card := card_of_alias(identity)):
        return method_of(card, identity)
    method = call.rows.find("payment_method", identity)
    if method is None:
        raise missing("PaymentMethod", identity, param, status=status)
    return method


def method_to_pay_with(call: Call, identity: str) -> Record:
    """Find the payment method. Each use of a `pm_card_…` name creates a payment method with its own id, as at
    Stripe.
    """
    method = find_method(call, identity, "payment_method", status=400)
    if method["id"].startswith("pm_card_"):
        method["id"] = new_id("pm")
        call.rows.add(method)
    return method


def method_of(card: Card, identity: str) -> Record:
    """Return the payment method object of a test card."""
    return {
        "id": identity,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
            "country": "US",
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
