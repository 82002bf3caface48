"""What is said when an order changes: one function from the change to the events."""

from typing import Any
from uuid import UUID

from app.bus.contracts import orders as contracts
from app.bus.event import Event
from app.kernel.clock import rfc3339
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import Order


def placed(order: Order) -> Event:
    """A new order."""
    return contracts.OrderPlaced(
        order_id=str(order.id),
        customer_id=str(order.customer_id),
        lines=_lines(order),
        totals=_totals(order),
        currency=order.currency,
        version=order.version,
    )


def changed(order: Order) -> Event:
    """What the status that an order has just come to means to the others."""
    about: dict[str, Any] = {"order_id": str(order.id), "customer_id": str(order.customer_id), "version": order.version}
    match order.status:
        case Status.AWAITING_PAYMENT:
            assert order.deadline is not None
            total = order.totals.total
            return contracts.PaymentRequested(
                amount=total.amount, currency=total.currency, deadline=rfc3339(order.deadline), **about
            )
        case Status.CONFIRMED:
            return contracts.OrderConfirmed(**about)
        case Status.PAID:
            return contracts.OrderPaid(totals=_totals(order), currency=order.currency, **about)
        case Status.CANCELLED:
            return contracts.OrderCancelled(reason=order.reason or "", **about)
        case Status.REFUNDED:
            return contracts.OrderRefunded(reason=order.reason or "", **about)
        case Status.PLACED:
            raise AssertionError("an order is placed once")


def nudged(order: Order) -> Event:
    """Where it stands, whole, with a question: and you?"""
    return contracts.OrderNudged(
        order_id=str(order.id),
        customer_id=str(order.customer_id),
        status=order.status,
        lines=_lines(order),
        totals=_totals(order),
        currency=order.currency,
        deadline=rfc3339(order.deadline) if order.deadline else "",
        version=order.version,
    )


def audited(order: Order, audit: UUID) -> Event:
    """Where it stands, with another question: does what you have agree?"""
    total = order.totals.total
    return contracts.OrderAudited(
        audit=str(audit),
        order_id=str(order.id),
        status=order.status,
        lines=_lines(order),
        amount=total.amount,
        currency=total.currency,
        version=order.version,
    )


def _lines(order: Order) -> list[contracts.Line]:
    return [
        contracts.Line(sku=line.sku, name=line.name, quantity=line.quantity, unit_price=line.unit_price.amount)
        for line in order.lines
    ]


def _totals(order: Order) -> contracts.Totals:
    totals = order.totals
    return contracts.Totals(
        items=totals.items.amount,
        shipping=totals.shipping.amount,
        tax=totals.tax.amount,
        discount=totals.discount.amount,
        total=totals.total.amount,
    )
