"""Refunds. Their sum never exceeds what was captured, also when requests are concurrent."""

from .call import Call, new_id
from .cards import Later, card_with_last4
from .charges import find_charge
from .clock import now
from .currencies import check_step
from .events import publish
from .later import plan_later
from .lifecycle import find_intent
from .refusals import Record, Refused, invalid, missing, unexpected_state


def create_refund(call: Call, _: str, given: Record) -> Record:
    """Refund this amount, by default all that is left."""
    charge = _charge_to_refund(call, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(400, "invalid_request_error", message, code="charge_already_refunded")
    amount = given.get("amount", left)
    check_step(amount, charge["currency"])
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Refused(400, "invalid_request_error", message, param="amount")

    refund = _refund(charge, amount, given)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    later = card_with_last4(charge["payment_method_details"]["card"]["last4"]).later
    if later is Later.REFUND_SUCCEEDS:
        refund["status"] = "pending"
    call.rows.add(refund, refund["payment_intent"])
    call.rows.save(charge)
    if later in (Later.REFUND_SUCCEEDS, Later.REFUND_FAILS):
        plan_later(call.rows, refund["id"], later)
    publish(call, "refund.created", refund)
    publish(call, "charge.refunded", charge, before)
    return refund


def retrieve_refund(call: Call, identity: str, _: Record) -> Record:
    refund = call.rows.find("refund", identity)
    if refund is None:
        raise missing("refund", identity, "id")
    return refund


def fail_refund(call: Call, identity: str, reason: str = "expired_or_canceled_card") -> Record:
    """Fail a pending or succeeded refund: the customer's bank returned the money to the shop."""
    refund = _to_change(call, identity, ("pending", "requires_action", "succeeded"))
    before = {"status": refund["status"]}
    refund.update(status="failed", failure_reason=reason, failure_balance_transaction=new_id("txn"))
    call.rows.save(refund)
    charge = find_charge(call, refund["charge"], status=400)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    call.rows.save(charge)
    for type in ("refund.failed", "refund.updated", "charge.refund.updated"):
        publish(call, type, refund, before)
    return refund


def settle_refund(call: Call, identity: str) -> Record:
    """Let a pending refund succeed."""
    refund = _to_change(call, identity, ("pending", "requires_action"))
    before = {"status": refund["status"]}
    refund["status"] = "succeeded"
    call.rows.save(refund)
    for type in ("refund.updated", "charge.refund.updated"):
        publish(call, type, refund, before)
    return refund


def _to_change(call: Call, identity: str, statuses: tuple[str, ...]) -> Record:
    refund = retrieve_refund(call, identity, {})
    if refund["status"] not in statuses:
        raise invalid(f"Refund {identity} has a status of {refund['status']}: it can no longer change.")
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
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Refused(400, "invalid_request_error", message, code="charge_disputed")
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
