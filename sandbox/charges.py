"""Charges: one for each authorisation, with what can still be captured or refunded."""

from .call import Call, new_id
from .cards import Card, Later, card_with_last4
from .clock import now
from .events import publish
from .later import plan_later
from .refusals import Record, missing

APPROVED = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "network_status": "approved_by_network",
    "reason": None,
    "risk_level": "normal",
    "risk_score": 20,
    "seller_message": "Payment complete.",
    "type": "authorized",
}

HOLD = 7 * 86_400  # seconds for which a bank reserves an amount, for cards of customers who are present

BLOCKED = {  # blocked by Stripe before the bank was asked
    "network_status": "not_sent_to_network",
    "reason": "highest_risk_level",
    "risk_level": "highest",
    "risk_score": 99,
    "seller_message": "Stripe blocked this payment as too risky.",
    "type": "blocked",
}


def authorised_charge(call: Call, intent: Record, method: Record) -> Record:
    """Create the charge of an approved authorisation; with automatic capture it is captured at once."""
    charge = _charge(intent, method)
    if intent["capture_method"] != "manual":
        charge.update(captured=True, amount_captured=charge["amount"])
    call.rows.add(charge, intent["id"])
    publish(call, "charge.succeeded", charge)
    return charge


def declined_charge(call: Call, intent: Record, method: Record, card: Card) -> Record:
    """Create the charge of a declined authorisation."""
    charge = _charge(intent, method)
    refusal: Record = {
        "network_status": "declined_by_network",
        "reason": card.decline_code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    if card.decline_code == "fraudulent":
        refusal = BLOCKED
    charge.update(status="failed", paid=False, failure_code=card.code, failure_message=card.message)
    charge["outcome"] = {**APPROVED, **refusal}
    call.rows.add(charge, intent["id"])
    publish(call, "charge.failed", charge)
    return charge


def capture_charge(call: Call, charge: Record, amount: int) -> None:
    """Capture this amount; the rest of the authorisation is released."""
    charge.update(captured=True, amount_captured=amount)
    call.rows.save(charge)
    publish(call, "charge.captured", charge, {"captured": False, "amount_captured": 0})
    if (later := card_with_last4(charge["payment_method_details"]["card"]["last4"]).later) is Later.DISPUTED:
        plan_later(call.rows, charge["id"], later)


def void_charge(call: Call, charge: Record, event: str) -> None:
    """Release an authorisation that was never captured; no refund object is created."""
    charge.update(refunded=True, amount_refunded=charge["amount"])
    call.rows.save(charge)
    publish(call, event, charge, {"refunded": False, "amount_refunded": 0})


def retrieve_charge(call: Call, identity: str, _: Record) -> Record:
    return find_charge(call, identity, status=404)


def find_charge(call: Call, identity: str, *, status: int) -> Record:
    """Find the charge that a path or a parameter names. Raises Refused if there is none."""
    charge = call.rows.find("charge", identity)
    if charge is None:
        raise missing("charge", identity, "charge" if status == 400 else "id", status=status)
    return charge


def has_expired(charge: Record) -> bool:
    """Whether the bank has released what this charge authorized."""
    return bool(charge["payment_method_details"]["card"].get("capture_before", now() + 1) <= now())


def _charge(intent: Record, method: Record) -> Record:
    card = {key: method["card"][key] for key in ("brand", "country", "exp_month", "exp_year", "funding", "last4")}
    if intent["capture_method"] == "manual":
        card["capture_before"] = now() + HOLD
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "QUARTET",
        "captured": False,
        "created": now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": APPROVED,
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": card, "type": "card"},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }
