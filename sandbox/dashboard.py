"""What people do in Stripe's dashboard, and what banks decide: POST /sandbox/dashboard/{what}."""

from collections.abc import Callable
from typing import Any

from .call import Call
from .disputes import LOST, WON, answer_dispute, close_dispute, open_dispute
from .events import publish
from .intents import cancel_intent, capture_intent
from .lifecycle import find_intent
from .refunds import create_refund, fail_refund, settle_refund
from .refusals import Record, invalid

Given = dict[str, Any]


def act(call: Call, what: str, given: object) -> Record:
    """Carry out the action, and return the object afterwards. Raises Refused if it is not possible."""
    if what not in ACTIONS:
        raise invalid(f"The dashboard has the actions {', '.join(sorted(ACTIONS))}, but not {what}.")
    required, optional, action = ACTIONS[what]
    if not isinstance(given, dict) or not required <= given.keys() <= required | optional:
        raise invalid(
            f"{what} requires {', '.join(sorted(required))}; optional: {', '.join(sorted(optional)) or 'nothing'}."
        )
    return action(call, given)


def _cancel(call: Call, given: Given) -> Record:
    return cancel_intent(call, given["intent"], {})


def _capture(call: Call, given: Given) -> Record:
    amount = {"amount_to_capture": given["amount"]} if "amount" in given else {}
    return capture_intent(call, given["intent"], amount)


def _refund(call: Call, given: Given) -> Record:
    amount = {"amount": given["amount"]} if "amount" in given else {}
    return create_refund(call, "", {"payment_intent": given["intent"], **amount})


def _fail_refund(call: Call, given: Given) -> Record:
    return fail_refund(call, given["refund"], given.get("reason", "expired_or_canceled_card"))


def _dispute(call: Call, given: Given) -> Record:
    intent = find_intent(call, given["intent"])
    return open_dispute(call, intent["latest_charge"] or "", given.get("amount"), given.get("reason", "fraudulent"))


def _close(call: Call, given: Given) -> Record:
    if given["status"] not in (WON, LOST):
        raise invalid("status must be won or lost.")
    return close_dispute(call, given["dispute"], given["status"])


def _send_event(call: Call, given: Given) -> Record:
    """Send an event about an object that is not ours: a subscription's invoice, another program's intent on this
    account.
    """
    if not (isinstance(given["type"], str) and isinstance(given["object"], dict)):
        raise invalid("An event requires a type, which is a string, and an object.")
    publish(call, given["type"], given["object"])
    answer: Record = given["object"]
    return answer


ACTIONS: dict[
    str, tuple[set[str], set[str], Callable[[Call, Given], Record]]
] = {  # required and optional parameters, and the action
    "cancel": ({"intent"}, set(), _cancel),
    "capture": ({"intent"}, {"amount"}, _capture),
    "refund": ({"intent"}, {"amount"}, _refund),
    "fail_refund": ({"refund"}, {"reason"}, _fail_refund),
    "settle_refund": ({"refund"}, set(), lambda call, given: settle_refund(call, given["refund"])),
    "dispute": ({"intent"}, {"amount", "reason"}, _dispute),
    "answer_dispute": ({"dispute"}, set(), lambda call, given: answer_dispute(call, given["dispute"])),
    "close_dispute": ({"dispute", "status"}, set(), _close),
    "send_event": ({"type", "object"}, set(), _send_event),
}
