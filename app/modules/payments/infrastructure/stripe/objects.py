"""Converts Stripe's objects to those of the domain."""

from datetime import UTC, datetime
from typing import Any

from app.modules.payments.domain.dispute import OPEN, Dispute
from app.modules.payments.domain.payment import Intent, Status
from app.modules.payments.domain.refund import Outcome, RefundStatus
from app.modules.payments.infrastructure.stripe.units import from_stripe

# https://docs.stripe.com/payments/paymentintents/lifecycle
STATUS = {
    "requires_payment_method": Status.OPEN,
    "requires_confirmation": Status.OPEN,
    "requires_action": Status.ACTION,
    "processing": Status.PROCESSING,
    "requires_capture": Status.AUTHORIZED,
    "succeeded": Status.CAPTURED,
    "canceled": Status.CANCELLED,
}
# https://docs.stripe.com/api/refunds/object#refund_object-status
REFUND_STATUS = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def intent_of(answer: dict[str, Any], *, capture_failed: bool = False) -> Intent:
    """Convert a PaymentIntent. It contains no refunds and disputes: those are read from their own lists."""
    error, currency = answer["last_payment_error"], answer["currency"]
    return Intent(
        id=answer["id"],
        status=STATUS[answer["status"]],
        amount=from_stripe(answer["amount"], currency),
        client_secret=answer["client_secret"],
        captured=from_stripe(answer["amount_received"], currency).amount,
        capture_before=_hold_of(answer.get("latest_charge")),
        failure=(error.get("decline_code") or error.get("code") or error["type"]) if error else None,
        failed_attempt=_attempt_of(error) if error else None,
        capture_failed=capture_failed,
    )


def _hold_of(charge: Any) -> datetime | None:
    """Return when the bank releases what the charge has authorized. Only an expanded charge has it, and only that of a
    method which can be held.
    """
    details = charge.get("payment_method_details") or {} if isinstance(charge, dict) else {}
    ends = (details.get(details.get("type")) or {}).get("capture_before")
    return datetime.fromtimestamp(ends, UTC) if ends else None


def _attempt_of(error: dict[str, Any]) -> str:
    """Return the id of the declined charge. If the customer failed the authentication there is none, and the payment
    method identifies the attempt.
    """
    return str(error.get("charge") or (error.get("payment_method") or {}).get("id"))


def outcome_of(answer: dict[str, Any]) -> Outcome:
    return Outcome(
        id=answer["id"],
        status=REFUND_STATUS[answer["status"]],
        amount=from_stripe(answer["amount"], answer["currency"]).amount,
        refund_id=(answer.get("metadata") or {}).get("refund_id"),
        failure=answer.get("failure_reason"),
    )


def dispute_of(answer: dict[str, Any], of: Intent) -> Dispute:
    """Convert a dispute of this payment. One that a bank has in another currency is over all that was captured."""
    is_in_ours = answer["currency"].upper() == of.amount.currency
    due = (answer.get("evidence_details") or {}).get("due_by") if answer["status"] in OPEN else None
    return Dispute(
        id=answer["id"],
        status=answer["status"],
        reason=answer["reason"],
        amount=from_stripe(answer["amount"], answer["currency"]).amount if is_in_ours else of.captured,
        respond_by=datetime.fromtimestamp(due, UTC) if due else None,
    )
