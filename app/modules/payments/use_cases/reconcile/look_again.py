"""Have a payment looked at anew, by hand."""

from uuid import UUID

from app.modules.payments.ports import UnitOfWork


def look_again(uow: UnitOfWork, payment_id: UUID, who: str, why: str) -> None:
    """As if Stripe had told of it; who asked, and why, is written down."""
    uow.trail.record(who, "look at payment", str(payment_id), why)
    uow.enqueue("look", payment_id)
