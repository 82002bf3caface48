"""The events about refunds."""

from collections.abc import Sequence
from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import Payment, owed
from app.modules.payments.domain.refund import FOR_UNITS, Refund, refund_state
from app.modules.payments.use_cases.payments.payment_events import about_payment
from app.modules.payments.use_cases.refunds.record_refunds import RecordedRefunds


def refund_events(payment: Payment, recorded: RecordedRefunds) -> list[Event]:
    failed = [refund_failed(payment, refund, recorded.refunds) for refund in recorded.failed]
    if not recorded.gained and (failed or not recorded.changed):
        return failed
    return [*failed, refunded(payment, recorded.gained, recorded.refunds)]


def refund_failed(payment: Payment, refund: Refund, refunds: Sequence[Refund]) -> Event:
    """Return the event that the refund failed. `refunds`: all of the payment."""
    return contracts.RefundFailed(
        refund_id=str(refund.id),
        amount=refund.amount.amount,
        code=refund.failure or "refused",
        **_about_refunds(payment, refunds),
    )


def refunded(payment: Payment, amount: int, refunds: Sequence[Refund]) -> Event:
    """Return the event that `amount` was refunded now. `refunds`: all of the payment."""
    return contracts.PaymentRefunded(amount=amount, **_about_refunds(payment, refunds))


def _about_refunds(payment: Payment, refunds: Sequence[Refund]) -> dict[str, Any]:
    totals = {"refunded": payment.refunded, "captured": payment.captured, "currency": payment.amount.currency}
    of_units = [
        contracts.UnitRefund(refund_id=str(each.id), state=each.status)
        for each in refunds
        if each.requested_by == FOR_UNITS
    ]
    state = refund_state(refunds, owed(payment))
    return {**totals, "state": state, "of_units": of_units, **about_payment(payment)}
