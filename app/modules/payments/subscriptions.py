"""The events of other modules that payments consumes, and what it does for each."""

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
    """Open a payment for the order and create it at Stripe."""
    amount = Money(event.amount, event.currency)
    request_payment(uow, UUID(event.order_id), UUID(event.customer_id), amount, clock.now())


def when_order_confirmed(uow: UnitOfWork, event: OrderConfirmed) -> None:
    """Capture the payment of the order."""
    change_desired(uow, UUID(event.order_id), DesiredState.CAPTURED)


def when_order_ended(uow: UnitOfWork, event: OrderCancelled | OrderRefunded) -> None:
    """Cancel the payment of the order: release the authorisation, or refund what was captured."""
    change_desired(uow, UUID(event.order_id), DesiredState.CANCELLED)


def when_order_nudged(uow: UnitOfWork, event: OrderNudged) -> None:
    """Set the state that the order's status requires, check the payment at Stripe, and publish it again."""
    amount = Money(event.totals.total, event.currency)
    answer_nudge(uow, UUID(event.order_id), UUID(event.customer_id), amount, event.status, clock.now())


def when_order_audit_requested(uow: UnitOfWork, event: OrderAuditRequested) -> None:
    """Compare the payment with the order's status and amount, and publish the result."""
    amount = Money(event.amount, event.currency)
    is_dispatched = bool(event.shipments)
    audit_payment(uow, event.audit, UUID(event.order_id), event.status, amount, event.version, is_dispatched)


SUBSCRIPTIONS: Subscriptions = {
    PaymentRequested: reaction(when_payment_requested),
    OrderConfirmed: reaction(when_order_confirmed),
    OrderCancelled: reaction(when_order_ended),
    OrderRefunded: reaction(when_order_ended),
    OrderNudged: reaction(when_order_nudged),
    OrderAuditRequested: reaction(when_order_audit_requested),
}
