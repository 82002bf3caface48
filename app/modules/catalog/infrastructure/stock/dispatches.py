"""The units that shipments have taken from the shelf, each remembered once, and what is still there though sold."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from app.kernel.compiled import execute
from app.kernel.inserts import insert_if_absent
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.infrastructure.tables import dispatches, holds, reservations, stock

OF_ORDER = (
    select(dispatches.c.sku, func.sum(dispatches.c.quantity).label("quantity"))
    .where(dispatches.c.order_id == bindparam("order_id"))
    .group_by(dispatches.c.sku)
)
SOLD = (
    select(func.coalesce(func.sum(holds.c.quantity), 0))
    .join(reservations, reservations.c.order_id == holds.c.order_id)
    .where(holds.c.sku == stock.c.sku, reservations.c.status == ReservationStatus.SOLD)
    .scalar_subquery()
)
DISPATCHED = (  # without those of orders whose rest was returned: the units that had left were not
    select(func.coalesce(func.sum(dispatches.c.quantity), 0))
    .outerjoin(reservations, reservations.c.order_id == dispatches.c.order_id)
    .where(dispatches.c.sku == stock.c.sku)
    .where(func.coalesce(reservations.c.status, "") != ReservationStatus.RETURNED)
    .scalar_subquery()
)
UNSHIPPED_BY_ORDERS = SOLD - DISPATCHED


def remember(connection: Connection, shipment_id: UUID, order_id: UUID, sku: str, quantity: int) -> bool:
    """Returns False if these units were remembered before."""
    row = {"shipment_id": shipment_id, "sku": sku, "order_id": order_id, "quantity": quantity}
    return insert_if_absent(connection, dispatches, row)


def dispatched_of(connection: Connection, order_id: UUID) -> Mapping[str, int]:
    """The units of an order that have left, by sku."""
    return {row.sku: int(row.quantity) for row in execute(connection, OF_ORDER, {"order_id": order_id}).all()}
