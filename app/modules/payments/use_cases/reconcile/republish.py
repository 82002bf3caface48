"""Publish the events of a payment again, for an order that may have lost them."""

from collections.abc import Sequence
from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import DesiredState, Payment, Status, why_cancelled
from app.modules.payments.domain.refund import Refund
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.authorized_event import authorized
from app.modules.payments.use_cases.payments.payment_events import about_payment, dispute_event
from app.modules.payments.use_cases.refunds.refund_events import refunded


def republish(uow: UnitOfWork, payment: Payment, order_status: str) -> None:
    """Publish all events that describe the payment's current state, with two exceptions.

    An order that awaits the payment which it had cancelled gets none: it was restored from a backup of before that, and
    ends by itself. A paid order gets none about a failed capture: a person has to find out how that came about.

    The payment is locked and read again: orders takes the latest report of its refunds for the truth, and a worker may
    be publishing a later one. Nobody else does from here on until the commit.
    """
    payment = uow.payments.lock(payment.id)
    if order_status == "awaiting_payment" and payment.desired is DesiredState.CANCELLED and not payment.is_exhausted:
        return
    if order_status == "paid" and payment.status is Status.FAILED:
        return
    refunds = uow.refunds.of(payment.id) if payment.captured else []
    uow.republish(*_events(payment, refunds))


def _events(payment: Payment, refunds: Sequence[Refund]) -> list[Event]:
    """Return the events of all steps that the payment has reached, in order. Declined attempts are left out: published
    again, they would count as new ones.
    """
    about = about_payment(payment)
    currency = payment.amount.currency
    money: dict[str, Any] = {"amount": payment.amount.amount, "currency": currency}
    events: list[Event] = [contracts.PaymentStarted(**about, **money)] if payment.intent_id else []
    if payment.status in {Status.AUTHORIZED, Status.CAPTURED, Status.FAILED}:
        events.append(authorized(payment))
    match payment.status:
        case Status.CAPTURED:
            events.append(contracts.PaymentCaptured(amount=payment.captured, currency=currency, **about))
        case Status.FAILED:
            events.append(contracts.CaptureFailed(code=payment.failure or "capture_failed", **about))
        case Status.SHORT:
            events.append(contracts.PaymentCapturedShort(captured=payment.captured, **money, **about))
        case Status.CANCELLED:
            events.append(contracts.PaymentCancelled(reason=why_cancelled(payment), **about))
    if payment.refunded or refunds or payment.disputed:
        events.append(refunded(payment, 0, refunds))
    return [*events, dispute_event(payment)] if payment.dispute else events
