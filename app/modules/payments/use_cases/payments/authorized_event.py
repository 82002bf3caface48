"""The event that an amount is authorised."""

from app.bus.contracts.payments import PaymentAuthorized
from app.kernel.clock import rfc3339
from app.modules.payments.domain.payment import Payment


def authorized(payment: Payment) -> PaymentAuthorized:
    """Return the event, with the time until which the bank holds the amount."""
    return PaymentAuthorized(
        order_id=str(payment.order_id),
        payment_id=str(payment.id),
        amount=payment.amount.amount,
        currency=payment.amount.currency,
        version=payment.version,
        capture_before=rfc3339(payment.capture_before) if payment.capture_before else "",
    )
