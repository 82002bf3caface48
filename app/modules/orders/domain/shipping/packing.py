"""What of an order is still to be packed, what a shipment changes in its counts, and how far the order has come."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.modules.orders.domain.orders.order import Fulfilment, Line
from app.modules.orders.domain.shipping.shipment import Shipment, ShipmentStatus

CHANGES = {  # by the status that a shipment reaches: of its units, how many are then more packed, and more dispatched
    ShipmentStatus.PACKED: (1, 0),
    ShipmentStatus.UNPACKED: (-1, 0),
    ShipmentStatus.DISPATCHED: (0, 1),
}


def left_to_pack(lines: Iterable[Line]) -> dict[str, int]:
    """The units that are neither cancelled, refunded nor packed, by SKU."""
    ours = (without_refunded(line) for line in lines if line.ships)
    left = {line.sku: line.quantity - line.cancelled - line.packed for line in ours}
    return {sku: units for sku, units in left.items() if units > 0}


def without_refunded(line: Line) -> Line:
    """The line, of which units that are refunded and neither packed nor gone are cancelled.

    Refunded units are first counted among those that are cancelled or have left: a customer complains of what has
    arrived.
    """
    not_gone = line.refunded - line.cancelled - line.dispatched
    still_here = line.quantity - line.cancelled - line.packed
    more = max(0, min(not_gone, still_here)) if line.ships else 0
    return replace(line, cancelled=line.cancelled + more) if more else line


def counted(lines: Sequence[Line], shipment: Shipment) -> tuple[Line, ...]:
    """The lines after this shipment has reached its status."""
    packed, dispatched = CHANGES.get(shipment.status, (0, 0))
    return tuple(
        replace(line, packed=line.packed + packed * units, dispatched=line.dispatched + dispatched * units)
        if (units := shipment.lines.get(line.sku, 0))
        else line
        for line in lines
    )


def fulfilment_of(lines: Iterable[Line], shipments: Iterable[Shipment]) -> Fulfilment:
    """How far an order has come, by the counts of its lines and by its shipments.

    A lost shipment is not delivered. An order of which nothing ships, or nothing that is not cancelled, is delivered.
    """
    packable = [line for line in lines if line.ships and line.cancelled < line.quantity]
    if not packable:
        return Fulfilment.DELIVERED
    if not any(line.dispatched for line in packable):
        return Fulfilment.NONE
    if any(line.dispatched < line.quantity - line.cancelled for line in packable):
        return Fulfilment.PART
    on_their_way = {ShipmentStatus.DISPATCHED, ShipmentStatus.LOST}
    if any(each.status in on_their_way for each in shipments):
        return Fulfilment.DISPATCHED
    return Fulfilment.DELIVERED
