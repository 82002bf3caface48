"""Refunds: never more than what was captured, however many ask at once."""

from .call import Call, new_id, now
from .charges import find_charge
from .events import say
from .lifecycle import find_intent
from .refusals import Record, Refused, invalid, missing, unexpected_state


def create_refund(call: Call, _: str, given: Record) -> Record:
    """Give back all that is left, or this much of it."""
    charge = _charge_to_refund(call, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(400, "invalid_request_error", message, code="charge_already_refunded")
    amount = given.get("amount", left)
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refused(400, "invalid_request_error", message, param="amount")

    refund = _refund(charge, amount, given)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.rows.add(refund, refund["payment_intent"])
    call.rows.save(charge)
    say(call, "refund.created", refund)
    say(call, "charge.refunded", charge, before)
    return refund


def retrieve_refund(call: Call, identity: str, _: Record) -> Record:
    """The refund as it is."""
    refund = call.rows.find("refund", identity)
    if refund is None:
        raise missing("refund", identity, "id")
    return refund


def _charge_to_refund(call: Call, given: Record) -> Record:
    if ("charge" in given) == ("payment_intent" in given):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if "charge" in given:
        charge = find_charge(call, given["charge"], status=400)
        intent = find_intent(call, charge["payment_intent"])
    else:
        intent = find_intent(call, given["payment_intent"], status=400, param="payment_intent")
        charge = call.rows.find("charge", intent["latest_charge"] or "") or {}
    if not charge.get("captured"):
        message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        raise unexpected_state(intent, message)
    return charge


def _refund(charge: Record, amount: int, given: Record) -> Record:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "destination_details": {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"},
        "metadata": {key: value for key, value in given.get("metadata", {}).items() if value},
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
