"""Unpack the shipments of an order that was cancelled or refunded as a whole."""

from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.shipping.shipment import ShipmentStatus, after
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipments.store_shipment import publish_shipment


def unpack_all(uow: UnitOfWork, order: Order) -> None:
    """Unpack what is packed. The saved order has taken its units off the counts. Raises Stale."""
    for shipment in uow.shipments.of(order.id).values():
        if shipment.status is ShipmentStatus.PACKED:
            publish_shipment(uow, order, uow.shipments.save(after(shipment, ShipmentStatus.UNPACKED, uow.now)))
