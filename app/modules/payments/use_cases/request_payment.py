"""Answer what orders wants of its money."""

from datetime import datetime
from uuid import UUID

from app.kernel.context import traceparent
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment, Wanted, want
from app.modules.payments.ports import Work


def request_payment(work: Work, order_id: UUID, customer_id: UUID, amount: Money, now: datetime) -> Payment:
    """Open the payment of an order, and have it created at Stripe."""
    payment = work.payments.save(
        Payment(
            id=new_id(),
            order_id=order_id,
            customer_id=customer_id,
            amount=amount,
            created_at=now,
            traceparent=traceparent.get(),
        )
    )
    work.ask("pursue", payment.id)
    return payment


def change_wanted(work: Work, order_id: UUID, wanted: Wanted) -> None:
    """Want it captured or cancelled from now on; an order that never came to a payment wants nothing."""
    payment = work.payments.of_order(order_id)
    if payment is None:
        return
    changed = want(payment, wanted)
    if changed != payment:
        work.payments.save(changed)
        work.ask("pursue", payment.id)
