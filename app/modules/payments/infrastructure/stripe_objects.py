"""Stripe's objects in our words."""

from typing import Any

from app.kernel.money import Money
from app.modules.payments.domain.payment import Intent, Status
from app.modules.payments.domain.refund import Outcome, RefundStatus

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
    """A PaymentIntent, its latest charge expanded."""
    charge = told["latest_charge"]
    charge = charge if not isinstance(charge, str) else None
    error = told["last_payment_error"]
    return Intent(
        id=told["id"],
        status=STATUS[told["status"]],
        amount=Money(told["amount"], told["currency"].upper()),
        client_secret=told["client_secret"],
        captured=told["amount_received"],
        # Stripe shows what was set aside and let go of as refunded, too
        refunded=charge["amount_refunded"] if charge and charge["captured"] else 0,
        failure=(error.get("decline_code") or error.get("code") or error["type"]) if error else None,
        failed_attempt=_attempt_of(error) if error else None,
        capture_failed=capture_failed,
    )


def _attempt_of(error: dict[str, Any]) -> str:
    """What tells one declined attempt from another; where the customer's bank did not know them there is no charge."""
    return str(error.get("charge") or (error.get("payment_method") or {}).get("id"))


def outcome_of(told: dict[str, Any]) -> Outcome:
    """A Refund."""
    return Outcome(id=told["id"], status=REFUND_STATUS[told["status"]], failure=told.get("failure_reason"))
