"""Bring our record up to what Stripe says: the one way in, for worker, webhook and the customer's own confirm."""

from typing import Any
from uuid import UUID

from app.bus.contracts import payments as contracts
from app.bus.event import Event
from app.modules.payments.domain.payment import Intent, Payment, Status, Wanted, given_up, next_step, seen
from app.modules.payments.ports import Work


def observe(work: Work, payment_id: UUID, intent: Intent) -> Payment:
    """Only a real change is saved and said, so nothing is said twice. Raises Conflict(not_our_payment), Stale."""
    before = work.payments.get(payment_id)
    after = seen(before, intent)
    if after == before:
        return before
    saved = work.payments.save(after)
    work.publish(*news(before, saved))
    if next_step(saved) is not None or (saved.wanted is Wanted.CANCELLED and saved.captured > before.captured):
        work.ask("pursue", saved.id)
    return saved


def give_up(work: Work, payment_id: UUID, code: str) -> Payment:
    """Stripe refuses it for good: the customer cannot pay, and the order ends by its deadline. Raises Stale."""
    payment = work.payments.save(given_up(work.payments.get(payment_id), code))
    about: dict[str, Any] = {"order_id": str(payment.order_id), "payment_id": str(payment.id)}
    work.publish(
        contracts.PaymentFailed(code=code, version=payment.version, **about),
        contracts.PaymentCancelled(version=payment.version, **about),
    )
    return payment


def news(before: Payment, after: Payment) -> list[Event]:
    """What a change of a payment means to the others."""
    about: dict[str, Any] = {"order_id": str(after.order_id), "payment_id": str(after.id), "version": after.version}
    money: dict[str, Any] = {"amount": after.amount.amount, "currency": after.amount.currency}
    said: list[Event] = []
    if before.status is Status.NEW and after.status is not Status.NEW:
        said.append(contracts.PaymentStarted(**about, **money))
    if after.failed_attempt != before.failed_attempt:
        said.append(contracts.PaymentFailed(code=after.failure or "declined", **about))
    if after.status is not before.status:
        match after.status:
            case Status.AUTHORIZED:
                said.append(contracts.PaymentAuthorized(**about, **money))
            case Status.CAPTURED:
                said += _authorized_unseen(before, about, money)
                said.append(contracts.PaymentCaptured(amount=after.captured, currency=after.amount.currency, **about))
            case Status.FAILED:
                said.append(contracts.CaptureFailed(code=after.failure or "capture_failed", **about))
            case Status.CANCELLED:
                said.append(contracts.PaymentCancelled(**about))
    if after.refunded > before.refunded:
        said.append(
            contracts.PaymentRefunded(
                amount=after.refunded - before.refunded,
                refunded=after.refunded,
                captured=after.captured,
                currency=after.amount.currency,
                **about,
            )
        )
    return said


def _authorized_unseen(before: Payment, about: dict[str, Any], money: dict[str, Any]) -> list[Event]:
    """Money that was captured without our seeing it authorised (some methods do both at once)."""
    if before.status in {Status.AUTHORIZED, Status.FAILED}:
        return []
    return [contracts.PaymentAuthorized(**about, **money)]
