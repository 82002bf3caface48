"""Move a shipment on: dispatch it, note that it was delivered or lost, or unpack it."""

from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.orders.domain.shipping.shipment import Shipment, ShipmentStatus, Tracking, after
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipments.store_shipment import refuse_unpaid, store_shipment

ACTS = {
    ShipmentStatus.DISPATCHED: "dispatch shipment",
    ShipmentStatus.DELIVERED: "note delivery",
    ShipmentStatus.LOST: "note loss",
    ShipmentStatus.UNPACKED: "unpack shipment",
}


def move_shipment(
    uow: UnitOfWork, order_id: UUID, id: UUID, to: ShipmentStatus, who: str, tracking: Tracking | None = None
) -> Shipment:
    """Bring a shipment to this status; one that has reached it is returned as it is, and nothing is written.

    The trail records who did it. Raises NotFound(no_such_order, no_such_shipment), Conflict(wrong_state, not_paid),
    Stale.
    """
    order = uow.orders.get(order_id)
    of_order = uow.shipments.of(order_id)
    if id not in of_order:
        raise NotFound("no_such_shipment", f"order {order_id} has no shipment {id}")
    shipment = of_order[id]
    moved = after(shipment, to, uow.now, tracking)
    if moved is shipment:
        return shipment
    if to is ShipmentStatus.DISPATCHED:
        refuse_unpaid(order, uow.now)
    uow.trail.record(who, ACTS[to], str(order_id), f"shipment {id}")
    return store_shipment(uow, order, moved, of_order)
