"""The query for the units of a sku that open orders hold."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from app.modules.catalog.domain.stock import Hold, ReservationStatus
from app.modules.catalog.infrastructure.tables import holds, reservations

OPEN_HOLDS = (
    select(holds.c.order_id, holds.c.quantity, holds.c.held_at)
    .join(reservations, reservations.c.order_id == holds.c.order_id)
    .where(holds.c.sku == bindparam("sku"), reservations.c.status == ReservationStatus.HELD)
    .order_by(holds.c.held_at, holds.c.order_id)
    .limit(bindparam("limit"))
)


def hold_of(row: Row[Any, Any, Any]) -> Hold:
    return Hold(row.order_id, row.quantity, row.held_at)
