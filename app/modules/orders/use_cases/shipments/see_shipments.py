"""Read the shipments of an order."""

from collections.abc import Sequence
from uuid import UUID

from app.modules.orders.domain.shipping.shipment import Shipment
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import see_order


def see_shipments(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Sequence[Shipment]:
    """All shipments of an order, the oldest first. Raises what see_order raises."""
    return list(uow.shipments.of(see_order(uow, order_id, caller, is_staff).id).values())
