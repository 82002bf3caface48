"""The events that follow from a change of a payment."""

from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.kernel.clock import rfc3339
from app.modules.payments.domain.decline import public_code
from app.modules.payments.domain.payment import Payment, Status, why_cancelled
from app.modules.payments.use_cases.payments.authorized_event import authorized


def payment_events(before: Payment, after: Payment) -> list[Event]:
    """Return the events of a change: of the payment's status, its declined attempts and its disputes."""
    about = about_payment(after)
    money: dict[str, Any] = {"amount": after.amount.amount, "currency": after.amount.currency}
    events: list[Event] = []
    if before.intent_id is None and after.intent_id is not None:
        events.append(contracts.PaymentStarted(**about, **money))
    if after.failed_attempt != before.failed_attempt:
        code = after.failure or "declined"
        events.append(contracts.PaymentFailed(code=code, public_code=public_code(code), **about))
    if after.status is not before.status:
        events += _status_events(before, after)
    elif after.is_on_hold and after.capture_before != before.capture_before:
        events.append(authorized(after))
    return [*events, dispute_event(after)] if _dispute(before) != _dispute(after) else events


def _status_events(before: Payment, after: Payment) -> list[Event]:
    about = about_payment(after)
    money: dict[str, Any] = {"amount": after.amount.amount, "currency": after.amount.currency}
    match after.status:
        case Status.AUTHORIZED:
            return [authorized(after)]
        case Status.CAPTURED:
            unseen = before.status not in {Status.AUTHORIZED, Status.FAILED}  # some methods do both at once
            captured = contracts.PaymentCaptured(amount=after.captured, currency=after.amount.currency, **about)
            return [*([authorized(after)] if unseen else []), captured]
        case Status.SHORT:
            return [contracts.PaymentCapturedShort(captured=after.captured, **money, **about)]
        case Status.FAILED:
            return [contracts.CaptureFailed(code=after.failure or "capture_failed", **about)]
        case Status.CANCELLED:
            return [contracts.PaymentCancelled(reason=why_cancelled(after), **about)]
    return []


def _dispute(payment: Payment) -> tuple[object, ...]:
    return payment.disputed, payment.dispute, payment.respond_by


def dispute_event(payment: Payment) -> Event:
    """Return the event with the state of the payment's dispute, of several the one to reply to first."""
    return contracts.PaymentDisputed(
        status=payment.dispute or "",
        reason=payment.dispute_reason or "",
        disputed=payment.disputed,
        currency=payment.amount.currency,
        respond_by=rfc3339(payment.respond_by) if payment.respond_by else "",
        **about_payment(payment),
    )


def about_payment(payment: Payment) -> dict[str, Any]:
    """Return the fields that every event about the payment has."""
    return {"order_id": str(payment.order_id), "payment_id": str(payment.id), "version": payment.version}
