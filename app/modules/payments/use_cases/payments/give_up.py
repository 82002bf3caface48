"""Give a payment up that can never be made."""

from uuid import UUID

from app.modules.payments.domain.payment import Payment, given_up
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.payments.news import news


def give_up(work: Work, payment_id: UUID, code: str) -> Payment:
    """Stripe refuses it for good: it can never be paid, and the order ends. Raises Stale."""
    before = work.payments.get(payment_id)
    saved = work.payments.save(given_up(before, code))
    work.publish(*news(before, saved))
    return saved
