"""Do what is missing for a nudged order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.kernel.money import Money
from app.modules.payments.domain.payment import KEY_RETENTION, DesiredState, Payment, with_desired
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.request_payment import open_payment
from app.modules.payments.use_cases.reconcile.republish import republish
from app.modules.payments.use_cases.refunds.refund_units import refund_units

DESIRED = {  # by the order's status; while it awaits payment, the desired state is not changed
    "confirmed": DesiredState.CAPTURED,
    "paid": DesiredState.CAPTURED,
    "cancelled": DesiredState.CANCELLED,
    "refunded": DesiredState.CANCELLED,
}
LATER = "later"  # the capture of a confirmed order that orders will request
OPENED = frozenset({"awaiting_payment", "confirmed"})


def answer_nudge(
    uow: UnitOfWork,
    order_id: UUID,
    customer_id: UUID,
    amount: Money,
    status: str,
    capture: str,
    now: datetime,
    refunds: Mapping[UUID, int],
) -> Payment | None:
    """Set the desired state that the order's status requires, add a job that reads the payment at Stripe, and publish
    the payment's events again.

    A missing payment is opened; Stripe is searched first, as our record may have been lost. For a paid order none is
    opened, so that nobody can pay it twice. An order has no payment before its stock is held, and never has one if it
    costs nothing. `refunds`: those of units that orders waits for; one that is not known is requested now.
    """
    if status == "placed" or amount.amount == 0:
        return None
    wanted = DesiredState.AUTHORIZED if (status, capture) == ("confirmed", LATER) else DESIRED.get(status)
    payment = uow.payments.of_order(order_id)
    if payment is None:
        if status not in OPENED:
            return None
        return open_payment(uow, order_id, customer_id, amount, now, wanted, requested_at=now - KEY_RETENTION)
    desired = with_desired(payment, wanted or payment.desired)
    if desired != payment:
        payment = uow.payments.save(desired)
    uow.enqueue("look", payment.id)
    for id, refunded in refunds.items():
        refund_units(uow, id, order_id, Money(refunded, amount.currency), now, may_exist=True)
    if refunds:
        payment = uow.payments.get(payment.id)
    republish(uow, payment, status)
    return payment
