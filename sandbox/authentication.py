"""The bank's page for a customer (3-D Secure), and the late decision of a bank."""

from .call import Call
from .cards import Card
from .lifecycle import find_intent
from .paying import UNAUTHENTICATED, authorise, turn_down
from .payment_methods import find_method
from .refusals import Record, unexpected_state

LATE_DECLINE = Card("late", "", code="card_declined", decline_code="generic_decline", message="Your card was declined.")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox bank</title>
<style>body{{font:1.1rem system-ui;max-width:28rem;margin:4rem auto}}button{{font:inherit;padding:.6rem 1rem}}</style>
<h1>Sandbox bank</h1><p>Do you want to pay {amount} (smallest unit, {currency})?</p>
<form method="post" action="?outcome=success"><button>Yes, complete it</button></form><p></p>
<form method="post" action="?outcome=fail"><button>No, fail it</button></form></html>"""


def page(call: Call, identity: str) -> str:
    """Return the HTML page on which the customer decides."""
    intent = _waiting(call, identity)
    return PAGE.format(amount=intent["amount"], currency=intent["currency"].upper())


def complete(call: Call, identity: str, *, success: bool) -> tuple[Record, str | None]:
    """Apply the decision. Returns the intent afterwards, and the return_url of the shop if there is one."""
    intent = _waiting(call, identity)
    action, was = intent["next_action"], intent["status"]
    method = find_method(call, intent["payment_method"], "payment_method", status=400)
    if success:
        authorise(call, intent, method)
    else:
        turn_down(call, intent, method, UNAUTHENTICATED if was == "requires_action" else LATE_DECLINE, None)
    return intent, action["redirect_to_url"]["return_url"] if action else None


def _waiting(call: Call, identity: str) -> Record:
    intent = find_intent(call, identity)
    if intent["status"] not in ("requires_action", "processing"):
        raise unexpected_state(
            intent, f"This PaymentIntent does not wait for a decision: its status is {intent['status']}."
        )
    return intent
