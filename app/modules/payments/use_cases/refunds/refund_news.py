"""What is said of refunds."""

from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import Payment
from app.modules.payments.domain.refund import Refund
from app.modules.payments.use_cases.payments.news import about_payment
from app.modules.payments.use_cases.refunds.note_refunds import Noted


def refund_news(payment: Payment, noted: Noted, state: str) -> list[Event]:
    """Its refunds."""
    failed = [refund_failed(payment, refund, state) for refund in noted.failed]
    if not noted.gained and (failed or not noted.changed):
        return failed
    return [*failed, refunded(payment, noted.gained, state)]


def refund_failed(payment: Payment, refund: Refund, state: str) -> Event:
    """One that will not be had."""
    return contracts.RefundFailed(
        refund_id=str(refund.id),
        amount=refund.amount.amount,
        code=refund.failure or "refused",
        **_back(payment, state),
    )


def refunded(payment: Payment, amount: int, state: str) -> Event:
    """So much went back now."""
    return contracts.PaymentRefunded(amount=amount, **_back(payment, state))


def _back(payment: Payment, state: str) -> dict[str, Any]:
    told = {"refunded": payment.refunded, "captured": payment.captured, "currency": payment.amount.currency}
    return {**told, "state": state, **about_payment(payment)}
