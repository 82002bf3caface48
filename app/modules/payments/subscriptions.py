"""The events of other modules that payments consumes, and what it does for each."""

from uuid import UUID

from app.bus.contracts.orders import (
    CaptureRequested,
    OrderAuditRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderNudged,
    OrderRefunded,
    PaymentRequested,
    RefundRequested,
)
from app.bus.subscription import Subscriptions, reaction
from app.kernel import clock
from app.kernel.money import Money
from app.modules.payments.domain.payment import DesiredState
from app.modules.payments.ports import UnitOfWork
from app.modules.payments.use_cases.payments.capture_on_request import capture_on_request
from app.modules.payments.use_cases.payments.request_payment import change_desired, request_payment
from app.modules.payments.use_cases.reconcile.answer_nudge import LATER, answer_nudge
from app.modules.payments.use_cases.reconcile.audit_payment import OrderStatus, audit_payment
from app.modules.payments.use_cases.refunds.refund_units import refund_units


def when_payment_requested(uow: UnitOfWork, event: PaymentRequested) -> None:
    """Open a payment for the order and create it at Stripe."""
    amount = Money(event.amount, event.currency)
    request_payment(uow, UUID(event.order_id), UUID(event.customer_id), amount, clock.now())


def when_order_confirmed(uow: UnitOfWork, event: OrderConfirmed) -> None:
    """Capture the payment of the order, unless orders requests that later."""
    if event.capture != LATER:
        change_desired(uow, UUID(event.order_id), DesiredState.CAPTURED)


def when_capture_requested(uow: UnitOfWork, event: CaptureRequested) -> None:
    """Capture the payment of the order, which the bank has held until now."""
    capture_on_request(uow, UUID(event.order_id), Money(event.amount, event.currency))


def when_refund_requested(uow: UnitOfWork, event: RefundRequested) -> None:
    """Refund so much of the payment, for units of the order."""
    amount = Money(event.amount, event.currency)
    refund_units(uow, UUID(event.refund_id), UUID(event.order_id), amount, clock.now())


def when_order_ended(uow: UnitOfWork, event: OrderCancelled | OrderRefunded) -> None:
    """Cancel the payment of the order: release the authorisation, or refund what was captured."""
    change_desired(uow, UUID(event.order_id), DesiredState.CANCELLED)


def when_order_nudged(uow: UnitOfWork, event: OrderNudged) -> None:
    """Set the state that the order's status requires, check the payment at Stripe, and publish it again."""
    amount = Money(event.totals.total, event.currency)
    status = event.status, event.capture
    refunds = {UUID(each.refund_id): each.amount for each in event.refunds}
    answer_nudge(uow, UUID(event.order_id), UUID(event.customer_id), amount, *status, clock.now(), refunds)


def when_order_audit_requested(uow: UnitOfWork, event: OrderAuditRequested) -> None:
    """Compare the payment with the order's status and amount, and publish the result."""
    amount = Money(event.amount, event.currency)
    status = OrderStatus(
        event.status,
        is_dispatched=bool(event.shipments),
        captures_later=event.capture == LATER,
        refunds=tuple(UUID(each.refund_id) for each in event.refunds),
    )
    audit_payment(uow, event.audit, UUID(event.order_id), status, amount, event.version)


SUBSCRIPTIONS: Subscriptions = {
    PaymentRequested: reaction(when_payment_requested),
    OrderConfirmed: reaction(when_order_confirmed),
    CaptureRequested: reaction(when_capture_requested),
    RefundRequested: reaction(when_refund_requested),
    OrderCancelled: reaction(when_order_ended),
    OrderRefunded: reaction(when_order_ended),
    OrderNudged: reaction(when_order_nudged),
    OrderAuditRequested: reaction(when_order_audit_requested),
}
