"""Answer an order that asks where its money stands."""

from datetime import datetime
from uuid import UUID

from app.kernel.money import Money
from app.modules.payments.domain.payment import KEY_KEPT, DesiredState, Payment, with_desired
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.request_payment import open_payment
from app.modules.payments.use_cases.reconcile.republish import republish

DESIRED = {  # orders' statuses; while it awaits payment, whatever is wanted stays
    "confirmed": DesiredState.CAPTURED,
    "paid": DesiredState.CAPTURED,
    "cancelled": DesiredState.CANCELLED,
    "refunded": DesiredState.CANCELLED,
}
OPENED = frozenset({"awaiting_payment", "confirmed"})


def answer_nudge(
    uow: UnitOfWork, order_id: UUID, customer_id: UUID, amount: Money, status: str, now: datetime
) -> Payment | None:
    """Want what the order's status asks for, have Stripe looked at, and say again how its payment stands.

    A payment that is missing is opened, and Stripe asked first whether it has one: ours may have been lost. Not so for
    an order that is paid: nobody shall be able to pay it twice. Before its stock is held an order has no payment, and
    one that costs nothing never has.
    """
    if status == "placed" or amount.amount == 0:
        return None
    payment = uow.payments.of_order(order_id)
    if payment is None:
        if status not in OPENED:
            return None
        return open_payment(uow, order_id, customer_id, amount, now, DESIRED.get(status), asked_at=now - KEY_KEPT)
    desired = with_desired(payment, DESIRED.get(status, payment.desired))
    if desired != payment:
        payment = uow.payments.save(desired)
    uow.enqueue("look", payment.id)
    republish(uow, payment, status)
    return payment
