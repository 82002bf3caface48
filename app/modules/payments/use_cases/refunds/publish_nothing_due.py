"""Publish that nothing is to be refunded of a cancelled order."""

from app.modules.payments.domain.payment import DesiredState, Payment, owed
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.refunds.refund_events import refunded


def publish_nothing_due(uow: UnitOfWork, payment: Payment) -> None:
    """If a bank has taken what was to be refunded of a cancelled order, publish the state of its refunds: the order
    waits for none.
    """
    if payment.desired is DesiredState.CANCELLED and payment.disputed and owed(payment) <= 0:
        uow.publish(refunded(payment, 0, uow.refunds.of(payment.id)))
