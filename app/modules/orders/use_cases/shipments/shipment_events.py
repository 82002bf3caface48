"""The event of a shipment, and what the events about a whole order have of it."""

from collections.abc import Iterable

from app.bus.contracts import orders as contracts
from app.bus.event import Event
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.shipping.shipment import Shipment


def shipment_changed(order: Order, shipment: Shipment) -> Event:
    """The full state of a shipment."""
    tracking = shipment.tracking
    return contracts.ShipmentChanged(
        order_id=str(order.id),
        customer_id=str(order.customer_id),
        shipment_id=str(shipment.id),
        status=shipment.status,
        lines=_units(shipment),
        carrier=tracking.carrier if tracking else "",
        tracking_number=tracking.number if tracking else "",
        version=shipment.version,
    )


def dispatched_shipments(shipments: Iterable[Shipment]) -> list[contracts.DispatchedShipment]:
    """Those shipments of an order that have left."""
    return [contracts.DispatchedShipment(shipment_id=str(each.id), lines=_units(each)) for each in shipments]


def _units(shipment: Shipment) -> list[contracts.Units]:
    return [contracts.Units(sku=sku, quantity=quantity) for sku, quantity in shipment.lines.items()]
