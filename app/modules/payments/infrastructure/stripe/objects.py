"""Stripe's objects in our words."""

from datetime import UTC, datetime
from typing import Any

from app.modules.payments.domain.dispute import Dispute
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


def intent_of(told: dict[str, Any], *, capture_failed: bool = False) -> Intent:
    """A PaymentIntent; what went back of it is told elsewhere."""
    error, currency = told["last_payment_error"], told["currency"]
    return Intent(
        id=told["id"],
        status=STATUS[told["status"]],
        amount=from_stripe(told["amount"], currency),
        client_secret=told["client_secret"],
        captured=from_stripe(told["amount_received"], currency).amount,
        failure=(error.get("decline_code") or error.get("code") or error["type"]) if error else None,
        failed_attempt=_attempt_of(error) if error else None,
        capture_failed=capture_failed,
    )


def _attempt_of(error: dict[str, Any]) -> str:
    """What tells one declined attempt from another; where the customer's bank did not know them there is no charge."""
    return str(error.get("charge") or (error.get("payment_method") or {}).get("id"))


def outcome_of(told: dict[str, Any]) -> Outcome:
    """A Refund."""
    return Outcome(
        id=told["id"],
        status=REFUND_STATUS[told["status"]],
        amount=from_stripe(told["amount"], told["currency"]).amount,
        refund_id=(told.get("metadata") or {}).get("refund_id"),
        failure=told.get("failure_reason"),
    )


def dispute_of(told: dict[str, Any]) -> Dispute:
    """A Dispute."""
    due = (told.get("evidence_details") or {}).get("due_by")
    return Dispute(
        id=told["id"],
        status=told["status"],
        reason=told["reason"],
        amount=from_stripe(told["amount"], told["currency"]).amount,
        respond_by=datetime.fromtimestamp(due, UTC) if due else None,
    )
