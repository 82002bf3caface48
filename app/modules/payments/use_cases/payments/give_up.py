"""Cancel a payment that Stripe will never accept."""

from uuid import UUID

from app.modules.payments.domain.payment import Payment, given_up
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.payment_events import payment_events


def give_up(uow: UnitOfWork, payment_id: UUID, code: str) -> Payment:
    """Cancel the payment because Stripe refuses it for good, and publish that, which ends the order. Raises Stale."""
    before = uow.payments.get(payment_id)
    saved = uow.payments.save(given_up(before, code))
    uow.publish(*payment_events(before, saved))
    return saved
