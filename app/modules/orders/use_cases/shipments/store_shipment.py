"""Store a shipment that was made or has changed, with everything that follows from it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict
from app.modules.orders.domain.documents.document import InvoiceTime
from app.modules.orders.domain.orders.hold import with_capture_requested
from app.modules.orders.domain.orders.order import UNDONE, Order
from app.modules.orders.domain.shipping.packing import counted, fulfilment_of, without_refunded
from app.modules.orders.domain.shipping.shipment import Shipment, ShipmentStatus
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders.request_capture import publish_capture
from app.modules.orders.use_cases.shipments.cancel_refunded import cancel_refunded
from app.modules.orders.use_cases.shipments.shipment_events import shipment_changed


def store_shipment(uow: UnitOfWork, order: Order, shipment: Shipment, of_order: Mapping[UUID, Shipment]) -> Shipment:
    """Save the shipment, the counts of its order's lines and how far the order has come; record and publish it.

    The first dispatch of an order that is confirmed requests its money.

    The order is saved first, even if it stays the same: its row is what all who change its shipments wait for, also
    whoever cancels it. Raises Stale.
    """
    lines = counted(order.lines, shipment)
    if order.status not in UNDONE:
        lines = tuple(map(without_refunded, lines))
    fulfilment = fulfilment_of(lines, {**of_order, shipment.id: shipment}.values())
    changed = replace(order, lines=lines, fulfilment=fulfilment)
    if shipment.status is ShipmentStatus.DISPATCHED:
        changed = with_capture_requested(changed, uow.now)
    saved_order = uow.orders.save(changed)
    saved = uow.shipments.save(shipment)
    if order.status not in UNDONE:  # saving such an order has taken all of its units off the counts
        uow.shipments.count(order, saved)
        cancel_refunded(uow, saved_order, order.lines)
    if saved.status is ShipmentStatus.DISPATCHED and uow.policies.documents.invoices is InvoiceTime.DISPATCHED:
        request_documents(uow, saved_order)
    publish_shipment(uow, order, saved)
    if changed.capture is not order.capture:
        publish_capture(uow, saved_order)
    return saved


def publish_shipment(uow: UnitOfWork, order: Order, shipment: Shipment) -> None:
    """Add the shipment's new status to the order's timeline, and publish it."""
    detail: dict[str, object] = {"shipment_id": str(shipment.id)}
    if shipment.tracking:
        detail |= {"carrier": shipment.tracking.carrier, "tracking_number": shipment.tracking.number}
    uow.timeline.record(order.id, "orders", shipment.status, uow.now, detail)
    uow.publish(shipment_changed(order, shipment))


def refuse_unpaid(order: Order, now: datetime) -> None:
    """Raises Conflict(not_paid)."""
    if not order.may_be_packed:
        back = " and its money was given back" * (order.refunded > 0)
        back += " and the bank has taken its money back" * (order.disputed > 0)
        raise Conflict("not_paid", f"the order is {order.status}{back}: only what is paid is packed and dispatched")
    if order.is_on_hold and order.capture_before and order.capture_before <= now:
        raise Conflict("not_paid", "the bank has released the money of this order, which ends soon: keep its goods")
