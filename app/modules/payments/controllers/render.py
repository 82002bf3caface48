"""Payments and refunds as JSON."""

from typing import Any
from uuid import UUID

from app.kernel.clock import rfc3339
from app.modules.payments.domain.decline import told
from app.modules.payments.domain.payment import Payment
from app.modules.payments.domain.refund import Refund


def payment_json(payment: Payment, caller: UUID) -> dict[str, Any]:
    """One payment; for its owner with the client secret, which lets one pay, and without what banks say of cards."""
    currency, is_own = payment.amount.currency, payment.customer_id == caller
    return {
        "id": str(payment.id),
        "order_id": str(payment.order_id),
        "status": payment.status,
        "amount": {"amount": payment.amount.amount, "currency": currency},
        "captured": {"amount": payment.captured, "currency": currency},
        "refunded": {"amount": payment.refunded, "currency": currency},
        "disputed": {"amount": payment.disputed, "currency": currency},
        "dispute": _dispute_json(payment),
        "failure": told(payment.failure) if payment.failure and is_own else payment.failure,
        "client_secret": payment.client_secret if is_own else None,
        "version": payment.version,
    }


def _dispute_json(payment: Payment) -> dict[str, Any] | None:
    if payment.dispute is None:
        return None
    respond_by = rfc3339(payment.respond_by) if payment.respond_by else None
    return {"status": payment.dispute, "reason": payment.dispute_reason, "respond_by": respond_by}


def refund_json(refund: Refund) -> dict[str, Any]:
    """One refund."""
    return {
        "id": str(refund.id),
        "payment_id": str(refund.payment_id),
        "status": refund.status,
        "amount": {"amount": refund.amount.amount, "currency": refund.amount.currency},
        "reason": refund.reason,
        "asked_by": refund.asked_by,
        "created_at": rfc3339(refund.created_at),
        "failure": refund.failure,
    }
