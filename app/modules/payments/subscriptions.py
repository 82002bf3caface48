"""What the payments module listens to, and what it then does."""

from uuid import UUID

from app.bus.contracts.orders import (
    OrderAuditRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderNudged,
    OrderRefunded,
    PaymentRequested,
)
from app.bus.subscription import Subscriptions, reaction
from app.kernel import clock
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.request_payment import change_desired, request_payment
from app.modules.payments.use_cases.reconcile.answer_nudge import answer_nudge
from app.modules.payments.use_cases.reconcile.audit_payment import audit_payment


def when_payment_requested(uow: UnitOfWork, event: PaymentRequested) -> None:
    """Open a payment."""
    amount = Money(event.amount, event.currency)
    request_payment(uow, UUID(event.order_id), UUID(event.customer_id), amount, clock.now())


def when_order_confirmed(uow: UnitOfWork, event: OrderConfirmed) -> None:
    """Its money is wanted."""
    change_desired(uow, UUID(event.order_id), DesiredState.CAPTURED)


def when_order_is_off(uow: UnitOfWork, event: OrderCancelled | OrderRefunded) -> None:
    """Its money is not wanted any more: void it, or give it back."""
    change_desired(uow, UUID(event.order_id), DesiredState.CANCELLED)


def when_order_nudged(uow: UnitOfWork, event: OrderNudged) -> None:
    """Want what its status asks for, look at Stripe, and say again how its money stands."""
    amount = Money(event.totals.total, event.currency)
    answer_nudge(uow, UUID(event.order_id), UUID(event.customer_id), amount, event.status, clock.now())


def when_order_audit_requested(uow: UnitOfWork, event: OrderAuditRequested) -> None:
    """Say whether its money agrees."""
    amount = Money(event.amount, event.currency)
    audit_payment(uow, event.audit, UUID(event.order_id), event.status, amount, event.version)


SUBSCRIPTIONS: Subscriptions = {
    PaymentRequested: reaction(when_payment_requested),
    OrderConfirmed: reaction(when_order_confirmed),
    OrderCancelled: reaction(when_order_is_off),
    OrderRefunded: reaction(when_order_is_off),
    OrderNudged: reaction(when_order_nudged),
    OrderAuditRequested: reaction(when_order_audit_requested),
}
