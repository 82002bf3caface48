"""Open the payment of an order, and change its desired state."""

from datetime import datetime
from uuid import UUID

from app.kernel.context import traceparent
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState, Payment, with_desired
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.reconcile.republish import republish
from app.modules.payments.use_cases.refunds.publish_nothing_due import publish_nothing_due


def request_payment(uow: UnitOfWork, order_id: UUID, customer_id: UUID, amount: Money, now: datetime) -> Payment:
    """Open the payment of an order, and add the job that creates it at Stripe.

    If the order has a payment, it was restored from a backup and requests it again: the payment's events are then
    published again. Raises Conflict(other_amount) if that payment is over another amount.
    """
    payment = uow.payments.of_order(order_id)
    if payment is None:
        return open_payment(uow, order_id, customer_id, amount, now)
    if payment.amount != amount:
        raise Conflict("other_amount", f"the payment of order {order_id} is over {payment.amount}, not {amount}")
    republish(uow, payment, "awaiting_payment")
    return payment


def open_payment(
    uow: UnitOfWork,
    order_id: UUID,
    customer_id: UUID,
    amount: Money,
    now: datetime,
    desired: DesiredState | None = None,
    requested_at: datetime | None = None,
) -> Payment:
    """Save a new payment, and add the job that creates it at Stripe.

    `requested_at` is when its creation was begun by an earlier record that may have been lost.
    """
    payment = uow.payments.save(
        Payment(
            id=new_id(),
            order_id=order_id,
            customer_id=customer_id,
            amount=amount,
            created_at=now,
            traceparent=traceparent.get(),
            desired=desired or DesiredState.AUTHORIZED,
            requested_at=requested_at,
        )
    )
    uow.enqueue("pursue", payment.id)
    return payment


def change_desired(uow: UnitOfWork, order_id: UUID, desired: DesiredState) -> None:
    """Change the desired state of the order's payment; an order without a payment is ignored."""
    payment = uow.payments.of_order(order_id)
    if payment is None:
        return
    changed = with_desired(payment, desired)
    if changed != payment:
        publish_nothing_due(uow, uow.payments.save(changed))
        uow.enqueue("pursue", payment.id)
