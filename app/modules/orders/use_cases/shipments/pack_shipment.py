"""Pack units of an order into a shipment."""

from collections.abc import Mapping
from uuid import UUID

from app.kernel.errors import Conflict
from app.modules.orders.domain.shipping.packing import left_to_pack
from app.modules.orders.domain.shipping.shipment import Shipment, refuse_one_more
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.shipments.store_shipment import refuse_unpaid, store_shipment


def pack_shipment(uow: UnitOfWork, id: UUID, order_id: UUID, units: Mapping[str, int], who: str) -> Shipment:
    """Pack these units, by SKU, or without any all that is left. The trail records who did it.

    Raises NotFound(no_such_order), Conflict(not_paid, nothing_left_to_pack, too_many_shipments), Stale.
    """
    order = uow.orders.get(order_id)
    refuse_unpaid(order, uow.now)
    left = left_to_pack(order.lines)
    lines = dict(units or left)
    if not lines or any(wanted > left.get(sku, 0) for sku, wanted in lines.items()):
        text = ", ".join(f"{quantity} {sku}" for sku, quantity in sorted(left.items())) or "nothing"
        more = {"left": [{"sku": sku, "quantity": quantity} for sku, quantity in sorted(left.items())]}
        raise Conflict("nothing_left_to_pack", f"of this order, {text} is left to pack", more)
    of_order = uow.shipments.of(order_id)
    refuse_one_more(len(lines), of_order.values())
    uow.trail.record(who, "pack shipment", str(order_id), f"shipment {id}")
    return store_shipment(uow, order, Shipment(id=id, order_id=order_id, lines=lines), of_order)
