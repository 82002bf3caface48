"""Answer what orders wants of its money."""

from datetime import datetime
from uuid import UUID

from app.kernel.context import traceparent
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment, Wanted, want
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.reconcile.say_again import say_again


def request_payment(work: Work, order_id: UUID, customer_id: UUID, amount: Money, now: datetime) -> Payment:
    """Open the payment of an order, and have it created at Stripe.

    Where it has one, it was restored from a backup and comes this way again: it is told how that stands.
    Raises Conflict(other_amount) where that is over another amount.
    """
    payment = work.payments.of_order(order_id)
    if payment is None:
        return open_payment(work, order_id, customer_id, amount, now)
    if payment.amount != amount:
        raise Conflict("other_amount", f"the payment of order {order_id} is over {payment.amount}, not {amount}")
    say_again(work, payment, "awaiting_payment")
    return payment


def open_payment(
    work: Work,
    order_id: UUID,
    customer_id: UUID,
    amount: Money,
    now: datetime,
    wanted: Wanted | None = None,
    asked_at: datetime | None = None,
) -> Payment:
    """Open it, and have it created at Stripe. `asked_at`: when that was begun before, and may have been forgotten."""
    payment = work.payments.save(
        Payment(
            id=new_id(),
            order_id=order_id,
            customer_id=customer_id,
            amount=amount,
            created_at=now,
            traceparent=traceparent.get(),
            wanted=wanted or Wanted.AUTHORIZED,
            asked_at=asked_at,
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
