"""The lifecycle of a payment intent: which status follows which, and which call each status allows."""

from .call import Call
from .events import publish
from .refusals import Record, missing, unexpected_state

NEXT: dict[str, frozenset[str]] = {
    "requires_payment_method": frozenset(
        {"requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"}
    ),
    "requires_confirmation": frozenset(
        {"requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"}
    ),
    "requires_action": frozenset(
        {"requires_payment_method", "requires_action", "processing", "requires_capture", "succeeded", "canceled"}
    ),
    "processing": frozenset({"requires_payment_method", "requires_capture", "succeeded", "canceled"}),
    "requires_capture": frozenset({"succeeded", "canceled"}),
    "succeeded": frozenset(),
    "canceled": frozenset(),
}

ALLOWED: dict[str, tuple[str, ...]] = {
    "confirm": ("requires_payment_method", "requires_confirmation", "requires_action"),
    "capture": ("requires_capture",),
    "cancel": ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing"),
}
PAST = {"confirm": "confirmed", "capture": "captured", "cancel": "canceled"}


def intent_to(verb: str, call: Call, identity: str) -> Record:
    """Return the intent if its status allows the call. Raises Refused if there is none, or if its status does not."""
    intent = find_intent(call, identity)
    if intent["status"] not in ALLOWED[verb]:
        only = (
            f"Only a PaymentIntent with one of the following statuses may be {PAST[verb]}: {', '.join(ALLOWED[verb])}"
        )
        message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}. {only}."
        raise unexpected_state(intent, message)
    return intent


def find_intent(call: Call, identity: str, *, status: int = 404, param: str = "intent") -> Record:
    """Find the intent that a path or a parameter names. Raises Refused if there is none."""
    intent = call.rows.find("payment_intent", identity)
    if intent is None:
        raise missing("payment_intent", identity, param, status=status)
    return intent


def advance(call: Call, intent: Record, to: str, event: str) -> None:
    """Change the status, save the intent and publish the event. It is the only function that changes a status."""
    if to not in NEXT[intent["status"]]:
        raise AssertionError(f"{intent['id']} is {intent['status']}; it cannot become {to}")
    intent["status"] = to
    if to != "requires_action":
        intent["next_action"] = None
    call.rows.save(intent)
    publish(call, event, intent)
