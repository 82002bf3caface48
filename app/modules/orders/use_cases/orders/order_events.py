"""Which event is published when an order is placed, changes, is nudged or is audited."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.bus.contracts import orders as contracts
from app.bus.event import Event
from app.kernel.clock import rfc3339
from app.modules.orders.domain.orders.order import UNDONE, Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.orders.unit_refund import UnitRefund
from app.modules.orders.domain.shipping.shipment import Shipment
from app.modules.orders.use_cases.shipments.shipment_events import dispatched_shipments


def placed(order: Order) -> Event:
    """The event of a new order, with its lines and totals."""
    return contracts.OrderPlaced(
        order_id=str(order.id),
        customer_id=str(order.customer_id),
        lines=_lines(order),
        totals=_totals(order),
        currency=order.currency,
        ship_to=order.ship_to,
        version=order.version,
    )


def changed(order: Order) -> Event:
    """The event of the status that the order has just reached."""
    about: dict[str, Any] = {"order_id": str(order.id), "customer_id": str(order.customer_id), "version": order.version}
    match order.status:
        case Status.AWAITING_PAYMENT:
            assert order.deadline is not None
            total = order.totals.total
            return contracts.PaymentRequested(
                amount=total.amount, currency=total.currency, deadline=rfc3339(order.deadline), **about
            )
        case Status.CONFIRMED:
            return contracts.OrderConfirmed(capture=_capture(order), **about)
        case Status.PAID:
            return contracts.OrderPaid(totals=_totals(order), currency=order.currency, **about)
        case Status.CANCELLED:
            return contracts.OrderCancelled(reason=order.reason or "", **about)
        case Status.REFUNDED:
            return contracts.OrderRefunded(reason=order.reason or "", **about)
        case Status.PLACED:
            raise AssertionError("no order changes to placed: use `placed` for a new order")


def whole(
    order: Order, shipments: Iterable[Shipment], refunds: Iterable[UnitRefund], audit: UUID | None = None
) -> Event:
    """The full state of the order, with the shipments that have left, and the refunds of units that it waits for: as a
    nudge, or with `audit` as a request to compare it with the module's data.
    """
    about: dict[str, Any] = {"order_id": str(order.id), "status": order.status, "version": order.version}
    about |= {"lines": _lines(order), "currency": order.currency, "shipments": dispatched_shipments(shipments)}
    about |= {"capture": _capture(order), "cancelled": _cancelled(order)}
    about |= {"refunds": [contracts.RequestedRefund(refund_id=str(each.id), amount=each.amount) for each in refunds]}
    if audit:
        return contracts.OrderAuditRequested(audit=str(audit), amount=order.totals.total.amount, **about)
    return contracts.OrderNudged(
        customer_id=str(order.customer_id),
        totals=_totals(order),
        deadline=rfc3339(order.deadline) if order.deadline else "",
        ship_to=order.ship_to,
        **about,
    )


def _cancelled(order: Order) -> list[contracts.Units]:
    lines = [] if order.status in UNDONE else order.lines
    return [contracts.Units(sku=line.sku, quantity=line.cancelled) for line in lines if line.cancelled]


def _capture(order: Order) -> str:
    return "later" if order.is_on_hold else "now"


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
        tax_included=totals.tax_included,
    )
