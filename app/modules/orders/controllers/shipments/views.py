"""The response bodies of shipments."""

from uuid import UUID

from msgspec import Struct

from app.modules.orders.domain.shipping import shipment as domain
from app.modules.orders.domain.shipping.shipment import ShipmentStatus
from app.web.blueprint import Timestamp


class ShipmentLine(Struct, frozen=True):
    """A number of units of one SKU."""

    sku: str
    quantity: int


class Shipment(Struct, frozen=True):
    """Units of an order that leave together. Carrier, tracking and `dispatched_at` are null before it is dispatched."""

    id: UUID
    order_id: UUID
    status: ShipmentStatus
    lines: list[ShipmentLine]
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    dispatched_at: Timestamp | None
    delivered_at: Timestamp | None
    version: int


class ShipmentList(Struct, frozen=True):
    """All shipments of an order in one page, the oldest first."""

    items: list[Shipment]
    next: None = None


def shipment_view(shipment: domain.Shipment) -> Shipment:
    tracking = shipment.tracking
    return Shipment(
        id=shipment.id,
        order_id=shipment.order_id,
        status=shipment.status,
        lines=[ShipmentLine(sku, quantity) for sku, quantity in sorted(shipment.lines.items())],
        carrier=tracking.carrier if tracking else None,
        tracking_number=tracking.number if tracking else None,
        tracking_url=tracking.url if tracking else None,
        dispatched_at=shipment.dispatched_at,
        delivered_at=shipment.delivered_at,
        version=shipment.version,
    )
