"""Say again how a payment stands, for an order that may have lost what was said."""

from typing import Any

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import Payment, Status, Wanted
from app.modules.payments.ports import Work


def say_again(work: Work, payment: Payment, order_status: str) -> None:
    """Nothing to an order that awaits money which was called off: it was restored from before that, and ends by itself.

    Nor is it told to an order that is paid that its money is not to be had: a person has to see how that can be.
    """
    if order_status == "awaiting_payment" and payment.wanted is Wanted.CANCELLED:
        return
    if order_status == "paid" and payment.status is Status.FAILED:
        return
    work.say_again(*standing(payment))


def standing(payment: Payment) -> list[Event]:
    """All steps that it has come to, in their order. Attempts are none of them: said again, they would be new ones."""
    about: dict[str, Any] = {
        "order_id": str(payment.order_id),
        "payment_id": str(payment.id),
        "version": payment.version,
    }
    currency = payment.amount.currency
    money: dict[str, Any] = {"amount": payment.amount.amount, "currency": currency}
    said: list[Event] = [contracts.PaymentStarted(**about, **money)] if payment.intent_id else []
    if payment.status in {Status.AUTHORIZED, Status.CAPTURED, Status.FAILED}:
        said.append(contracts.PaymentAuthorized(**about, **money))
    match payment.status:
        case Status.CAPTURED:
            said.append(contracts.PaymentCaptured(amount=payment.captured, currency=currency, **about))
        case Status.FAILED:
            said.append(contracts.CaptureFailed(code=payment.failure or "capture_failed", **about))
        case Status.CANCELLED:
            said.append(contracts.PaymentCancelled(**about))
    if payment.refunded:
        told: dict[str, Any] = {"refunded": payment.refunded, "captured": payment.captured, "currency": currency}
        said.append(contracts.PaymentRefunded(amount=0, **told, **about))
    return said
