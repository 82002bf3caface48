"""Read a payment from Stripe again, by hand."""

from uuid import UUID

from app.modules.payments.ports import UnitOfWork


def look_again(uow: UnitOfWork, payment_id: UUID, who: str, why: str) -> None:
    """Add a job that reads the payment from Stripe, and record who requested it and why in the trail."""
    uow.trail.record(who, "look at payment", str(payment_id), why)
    uow.enqueue("look", payment_id)
