"""Orders in the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from app.kernel.errors import NotFound, Stale
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import Line, Order, Totals
from app.modules.orders.infrastructure.tables import orders

INSERT = insert(orders).inline()
GET = select(orders).where(orders.c.id == bindparam("id"))
AS_IT_WAS_READ = (orders.c.id == bindparam("order_id")) & (orders.c.version == bindparam("read"))
UPDATE = update(orders).where(AS_IT_WAS_READ)
OVERDUE = (
    select(orders.c.id).where(orders.c.deadline < bindparam("now")).order_by(orders.c.deadline).limit(bindparam("most"))
)


class SqlOrders:
    """Orders; each row is written only over the version that was read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: UUID) -> Order:
        """Raises NotFound(no_such_order)."""
        row = self._connection.execute(GET, {"id": id}).first()
        if row is None:
            raise NotFound("no_such_order", f"there is no order {id}")
        return order_of(row)

    def save(self, order: Order) -> Order:
        """Insert a new order, or update it if nobody else has since it was read."""
        saved = replace(order, version=order.version + 1)
        if order.version == 0:
            self._connection.execute(INSERT, _row(saved))
            return saved
        changes = {"status": saved.status, "reason": saved.reason, "deadline": saved.deadline, "version": saved.version}
        which = {"order_id": order.id, "read": order.version}
        if self._connection.execute(UPDATE.values(**changes), which).rowcount == 0:
            raise Stale(f"order {order.id} was changed by someone else")
        return saved

    def overdue(self, now: datetime, most: int) -> Sequence[UUID]:
        """Orders whose deadline has passed, the longest overdue first."""
        return self._connection.execute(OVERDUE, {"now": now, "most": most}).scalars().all()


def order_of(row: Row[Any]) -> Order:
    """A row as an order."""
    return Order(
        id=row.id,
        customer_id=row.customer_id,
        lines=msgspec.json.decode(row.lines, type=tuple[Line, ...]),
        totals=msgspec.json.decode(row.totals, type=Totals),
        status=Status(row.status),
        reason=row.reason,
        cart_id=row.cart_id,
        placed_at=row.placed_at,
        deadline=row.deadline,
        version=row.version,
    )


def _row(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "status": order.status,
        "reason": order.reason,
        "lines": msgspec.json.encode(order.lines).decode(),
        "totals": msgspec.json.encode(order.totals).decode(),
        "currency": order.currency,
        "cart_id": order.cart_id,
        "placed_at": order.placed_at,
        "deadline": order.deadline,
        "version": order.version,
    }
