"""What the payments module listens to, and what it then does."""

from uuid import UUID

from app.bus.contracts.orders import (
    OrderAudited,
    OrderCancelled,
    OrderConfirmed,
    OrderNudged,
    OrderRefunded,
    PaymentRequested,
)
from app.bus.subscription import Subscriptions, reaction
from app.kernel import clock
from app.kernel.money import Money
from app.modules.payments.domain.payment import Wanted
from app.modules.payments.ports import Work
from app.modules.payments.use_cases.payments.request_payment import change_wanted, request_payment
from app.modules.payments.use_cases.reconcile.answer_nudge import answer_nudge
from app.modules.payments.use_cases.reconcile.audit_payment import audit_payment


def when_payment_requested(work: Work, event: PaymentRequested) -> None:
    """Open a payment."""
    amount = Money(event.amount, event.currency)
    request_payment(work, UUID(event.order_id), UUID(event.customer_id), amount, clock.now())


def when_order_confirmed(work: Work, event: OrderConfirmed) -> None:
    """Its money is wanted."""
    change_wanted(work, UUID(event.order_id), Wanted.CAPTURED)


def when_order_is_off(work: Work, event: OrderCancelled | OrderRefunded) -> None:
    """Its money is not wanted any more: void it, or give it back."""
    change_wanted(work, UUID(event.order_id), Wanted.CANCELLED)


def when_order_nudged(work: Work, event: OrderNudged) -> None:
    """Want what its status asks for, look at Stripe, and say again how its money stands."""
    amount = Money(event.totals.total, event.currency)
    answer_nudge(work, UUID(event.order_id), UUID(event.customer_id), amount, event.status, clock.now())


def when_order_audited(work: Work, event: OrderAudited) -> None:
    """Say whether its money agrees."""
    amount = Money(event.amount, event.currency)
    audit_payment(work, event.audit, UUID(event.order_id), event.status, amount, event.version)


SUBSCRIPTIONS: Subscriptions = {
    PaymentRequested: reaction(when_payment_requested),
    OrderConfirmed: reaction(when_order_confirmed),
    OrderCancelled: reaction(when_order_is_off),
    OrderRefunded: reaction(when_order_is_off),
    OrderNudged: reaction(when_order_nudged),
    OrderAudited: reaction(when_order_audited),
}
