"""Disputes: a cardholder reclaims the money through the bank, and the bank takes it from the shop at once."""

from .call import Call, new_id
from .charges import find_charge
from .clock import now
from .events import publish
from .refusals import Record, invalid, missing

REPLY_WITHIN = 7 * 24 * 3600  # seconds; at Stripe 7 to 21 days, depending on the card network
WON, LOST = "won", "lost"


def open_dispute(call: Call, charge_id: str, amount: int | None = None, reason: str = "fraudulent") -> Record:
    """Open a dispute over this amount, by default over all that was captured."""
    charge = find_charge(call, charge_id, status=400)
    if not charge["captured"] or charge["disputed"]:
        raise invalid(f"Charge {charge_id} cannot be disputed: it is not captured, or is disputed already.")
    dispute = _dispute(charge, amount or charge["amount_captured"], reason)
    charge["disputed"] = True
    call.rows.save(charge)
    call.rows.add(dispute, charge["payment_intent"])
    publish(call, "charge.dispute.created", dispute)
    publish(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(call: Call, identity: str, status: str) -> Record:
    """Close the dispute as the bank decided: `won` returns the money to the shop."""
    dispute = retrieve_dispute(call, identity, {})
    if dispute["status"] in (WON, LOST):
        raise invalid(f"Dispute {identity} is closed: {dispute['status']}.")
    before = {"status": dispute["status"]}
    dispute["status"] = status
    call.rows.save(dispute)
    publish(call, "charge.dispute.closed", dispute, before)
    if status == WON:
        publish(call, "charge.dispute.funds_reinstated", dispute)
    return dispute


def answer_dispute(call: Call, identity: str) -> Record:
    """Submit the shop's evidence, which puts the dispute under review."""
    dispute = retrieve_dispute(call, identity, {})
    before = {"status": dispute["status"]}
    dispute["status"] = "under_review"
    dispute["evidence_details"].update(has_evidence=True, submission_count=1)
    call.rows.save(dispute)
    publish(call, "charge.dispute.updated", dispute, before)
    return dispute


def retrieve_dispute(call: Call, identity: str, _: Record) -> Record:
    dispute = call.rows.find("dispute", identity)
    if dispute is None:
        raise missing("dispute", identity, "id")
    return dispute


def _dispute(charge: Record, amount: int, reason: str) -> Record:
    due = now() + REPLY_WITHIN
    details = {"due_by": due, "has_evidence": False, "past_due": False, "submission_count": 0}
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {**details, "enhanced_eligibility": {}},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
