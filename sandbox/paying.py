"""The effect of a bank's decision on an intent, whether it comes at once or later."""

from .call import Call
from .cards import Bank, Card
from .charges import authorised_charge, declined_charge
from .clock import now
from .lifecycle import advance
from .refusals import Record, declined, error_fields

UNAUTHENTICATED = Card(
    "unauthenticated",
    "",
    code="payment_intent_authentication_failure",
    message="The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
    "PaymentMethod to attempt to fulfill this PaymentIntent again.",
)
AUTHENTICATION_REQUIRED = Card(
    "authentication_required",
    "",
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


def ask_bank(call: Call, intent: Record, method: Record, card: Card, *, alone: bool, return_url: str | None) -> None:
    """Authorise the payment as far as possible without the customer. Raises Refused, with the intent, for a
    decline.

    `alone` means that the customer is not present: a bank that requires authentication then declines.
    """
    intent.update(payment_method=method["id"], last_payment_error=None)
    if card.bank is Bank.APPROVES:
        authorise(call, intent, method)
    elif card.bank is Bank.TAKES_TIME:
        advance(call, intent, "processing", "payment_intent.processing")
    elif card.bank is Bank.ASKS_CUSTOMER and not alone:
        page = {"url": f"{call.address}/sandbox/authenticate/{intent['id']}", "return_url": return_url}
        intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": page}
        advance(call, intent, "requires_action", "payment_intent.requires_action")
    else:
        reason = AUTHENTICATION_REQUIRED if card.bank is Bank.ASKS_CUSTOMER else card
        charge = declined_charge(call, intent, method, reason)
        turn_down(call, intent, method, reason, charge["id"])
        raise declined(intent)


def authorise(call: Call, intent: Record, method: Record) -> None:
    """Record the bank's approval: the money is authorised, or with automatic capture received."""
    charge = authorised_charge(call, intent, method)
    intent["latest_charge"] = charge["id"]
    if intent["capture_method"] == "manual":
        intent["amount_capturable"] = intent["amount"]
        advance(call, intent, "requires_capture", "payment_intent.amount_capturable_updated")
    else:
        intent["amount_received"] = intent["amount"]
        advance(call, intent, "succeeded", "payment_intent.succeeded")


def turn_down(call: Call, intent: Record, method: Record, reason: Card, charge: str | None) -> None:
    """Record a failed attempt; the intent then requires another payment method."""
    more = {"charge": charge} if charge else {}
    more |= {"decline_code": reason.decline_code} if reason.decline_code else {}
    intent["last_payment_error"] = {
        **error_fields(reason.code),
        **more,
        "message": reason.message,
        "payment_method": method,
        "type": "card_error" if reason.decline_code else "invalid_request_error",
    }
    intent["latest_charge"] = charge or intent["latest_charge"]
    intent["payment_method"] = None
    advance(call, intent, "requires_payment_method", "payment_intent.payment_failed")


def close(call: Call, intent: Record, reason: str | None) -> None:
    """Cancel the intent."""
    intent.update(amount_capturable=0, canceled_at=now(), cancellation_reason=reason)
    advance(call, intent, "canceled", "payment_intent.canceled")
