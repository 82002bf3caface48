"""The events about refunds."""

from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import Payment
from app.modules.payments.domain.refund import Refund
from app.modules.payments.use_cases.payments.payment_events import about_payment
from app.modules.payments.use_cases.refunds.record_refunds import RecordedRefunds


def refund_events(payment: Payment, recorded: RecordedRefunds, state: str) -> list[Event]:
    failed = [refund_failed(payment, refund, state) for refund in recorded.failed]
    if not recorded.gained and (failed or not recorded.changed):
        return failed
    return [*failed, refunded(payment, recorded.gained, state)]


def refund_failed(payment: Payment, refund: Refund, state: str) -> Event:
    """Return the event that the refund failed."""
    return contracts.RefundFailed(
        refund_id=str(refund.id),
        amount=refund.amount.amount,
        code=refund.failure or "refused",
        **_about_refunds(payment, state),
    )


def refunded(payment: Payment, amount: int, state: str) -> Event:
    """Return the event that `amount` was refunded now."""
    return contracts.PaymentRefunded(amount=amount, **_about_refunds(payment, state))


def _about_refunds(payment: Payment, state: str) -> dict[str, Any]:
    totals = {"refunded": payment.refunded, "captured": payment.captured, "currency": payment.amount.currency}
    return {**totals, "state": state, **about_payment(payment)}
