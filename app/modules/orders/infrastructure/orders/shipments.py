"""Shipments in the database, and the counts that they change in the lines of their orders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from app.kernel.compiled import execute
from app.kernel.errors import Stale
from app.kernel.inserts import insert_if_absent
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.shipping.packing import CHANGES
from app.modules.orders.domain.shipping.shipment import LEFT, Shipment, ShipmentStatus, Tracking
from app.modules.orders.infrastructure.orders.orders import CANCEL_LINES
from app.modules.orders.infrastructure.orders.rows import line_row
from app.modules.orders.infrastructure.tables import order_lines, shipment_lines, shipments

OF = select(shipments).where(shipments.c.order_id == bindparam("order")).order_by(shipments.c.id)
READ = (shipments.c.id == bindparam("shipment")) & (shipments.c.version == bindparam("read"))
CHANGED = ("status", "carrier", "tracking_number", "tracking_url", "dispatched_at", "delivered_at", "version")
UPDATE = update(shipments).where(READ).values({name: bindparam(f"new_{name}") for name in CHANGED})
PACKED: ColumnElement[int] = order_lines.c.packed + bindparam("more_packed")
DISPATCHED: ColumnElement[int] = order_lines.c.dispatched + bindparam("more_dispatched")
COUNT = (  # changes no row if there are not so many units: the row count tells
    update(order_lines)
    .where(order_lines.c.order_id == bindparam("order"), order_lines.c.sku == bindparam("the_sku"))
    .where(order_lines.c.cancelled + PACKED <= order_lines.c.ordered, DISPATCHED <= PACKED)
    .values(packed=PACKED, dispatched=DISPATCHED)
)
CANCELLED: ColumnElement[int] = order_lines.c.cancelled + bindparam("more_cancelled")
CANCEL = (
    update(order_lines)
    .where(order_lines.c.order_id == bindparam("order"), order_lines.c.sku == bindparam("the_sku"))
    .where(CANCELLED + order_lines.c.packed <= order_lines.c.ordered)
    .values(cancelled=CANCELLED)
)


class SqlShipments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, order_id: UUID) -> Mapping[UUID, Shipment]:
        return {each.id: each for each in self._shipments(execute(self._connection, OF, {"order": order_id}).all())}

    def that_left(self, order_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[Shipment]]:
        found: dict[UUID, list[Shipment]] = {id: [] for id in order_ids}
        if found:
            left = shipments.c.order_id.in_(found), shipments.c.status.in_(sorted(LEFT))
            rows = self._connection.execute(select(shipments).where(*left).order_by(shipments.c.id)).all()
            for each in self._shipments(rows):
                found[each.order_id].append(each)
        return found

    def save(self, shipment: Shipment) -> Shipment:
        saved = replace(shipment, version=shipment.version + 1)
        if shipment.version == 0:
            self._connection.execute(insert(shipments), _row(saved))
            lines = [
                {"shipment_id": saved.id, "sku": sku, "quantity": quantity} for sku, quantity in saved.lines.items()
            ]
            self._connection.execute(insert(shipment_lines), lines)
            return saved
        row = _row(saved)
        changes = {f"new_{name}": row[name] for name in CHANGED}
        key = {"shipment": shipment.id, "read": shipment.version}
        if execute(self._connection, UPDATE, key | changes).rowcount == 0:
            raise Stale(f"shipment {shipment.id} was changed by someone else")
        return saved

    def count(self, order: Order, shipment: Shipment) -> None:
        """Locks the lines in the order of their SKUs. An order that an older version has placed since the migration
        has no rows of lines: it gets them when it is packed.
        """
        packed, dispatched = CHANGES.get(shipment.status, (0, 0))
        if shipment.status is ShipmentStatus.PACKED:
            for line in order.lines:
                insert_if_absent(self._connection, order_lines, line_row(order.id, line))
        for sku, units in sorted(shipment.lines.items()) if packed or dispatched else ():
            more = {"more_packed": packed * units, "more_dispatched": dispatched * units}
            if execute(self._connection, COUNT, {"order": order.id, "the_sku": sku, **more}).rowcount == 0:
                raise Stale(f"order {order.id} has fewer units of {sku} left")

    def cancel(self, order: Order, units: Mapping[str, int]) -> None:
        for sku, more in sorted(units.items()):
            values = {"order": order.id, "the_sku": sku, "more_cancelled": more}
            if more and execute(self._connection, CANCEL, values).rowcount == 0:
                raise Stale(f"order {order.id} has fewer units of {sku} left")

    def cancel_rest(self, order: Order) -> None:
        execute(self._connection, CANCEL_LINES, {"of_order": order.id})

    def _shipments(self, rows: Sequence[Any]) -> list[Shipment]:
        lines: dict[UUID, dict[str, int]] = {row.id: {} for row in rows}
        if rows:
            query = select(shipment_lines).where(shipment_lines.c.shipment_id.in_(lines)).order_by(shipment_lines.c.sku)
            for line in self._connection.execute(query):
                lines[line.shipment_id][line.sku] = line.quantity
        return [_shipment_of(row, lines[row.id]) for row in rows]


def _shipment_of(row: Any, lines: Mapping[str, int]) -> Shipment:
    return Shipment(
        id=row.id,
        order_id=row.order_id,
        lines=lines,
        status=row.status,
        tracking=Tracking(carrier=row.carrier, number=row.tracking_number, url=row.tracking_url)
        if row.carrier
        else None,
        dispatched_at=row.dispatched_at,
        delivered_at=row.delivered_at,
        version=row.version,
    )


def _row(shipment: Shipment) -> dict[str, Any]:
    tracking = shipment.tracking
    return {
        "id": shipment.id,
        "order_id": shipment.order_id,
        "status": shipment.status,
        "carrier": tracking.carrier if tracking else None,
        "tracking_number": tracking.number if tracking else None,
        "tracking_url": tracking.url if tracking else None,
        "dispatched_at": shipment.dispatched_at,
        "delivered_at": shipment.delivered_at,
        "version": shipment.version,
    }
