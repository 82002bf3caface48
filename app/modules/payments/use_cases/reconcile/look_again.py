"""Have a payment looked at anew, by hand."""

from uuid import UUID

from app.modules.payments.ports import Work


def look_again(work: Work, payment_id: UUID, who: str, why: str) -> None:
    """As if Stripe had told of it; who asked, and why, is written down."""
    work.trail.note(who, "look at payment", str(payment_id), why)
    work.ask("look", payment_id)
