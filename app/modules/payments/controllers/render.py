"""Payments as JSON."""

from typing import Any

from app.modules.payments.domain.payment import Payment


def payment_json(payment: Payment) -> dict[str, Any]:
    """One payment; with its client secret, for its owner."""
    return {
        "id": str(payment.id),
        "order_id": str(payment.order_id),
        "status": payment.status,
        "amount": {"amount": payment.amount.amount, "currency": payment.amount.currency},
        "captured": {"amount": payment.captured, "currency": payment.amount.currency},
        "refunded": {"amount": payment.refunded, "currency": payment.amount.currency},
        "failure": payment.failure,
        "client_secret": payment.client_secret,
        "version": payment.version,
    }
