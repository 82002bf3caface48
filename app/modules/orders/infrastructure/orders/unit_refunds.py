"""Refunds of units in the database, and how they are counted in the lines of their orders."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from app.kernel.compiled import execute
from app.kernel.errors import Stale
from app.kernel.inserts import insert_if_absent
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.unit_refund import RefundedUnits, UnitRefund, UnitRefundStatus
from app.modules.orders.domain.tax.given_back import GivenBack, Units
from app.modules.orders.infrastructure.orders.rows import line_row
from app.modules.orders.infrastructure.tables import order_lines, unit_refund_lines, unit_refunds

OF_ORDER = select(unit_refunds).where(unit_refunds.c.order_id == bindparam("of_order")).order_by(unit_refunds.c.id)
REFUNDED: ColumnElement[int] = order_lines.c.units_refunded + bindparam("more")
COUNT = (  # changes no row if there are not so many units: the row count tells
    update(order_lines)
    .where(order_lines.c.order_id == bindparam("of_order"), order_lines.c.sku == bindparam("the_sku"))
    .where(REFUNDED >= 0, order_lines.c.ordered >= REFUNDED)
    .values(units_refunded=REFUNDED)
)
UNITS: msgspec.json.Decoder[dict[str, tuple[int, int]]] = msgspec.json.Decoder(dict[str, tuple[int, int]])


class SqlUnitRefunds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: UUID) -> UnitRefund:
        rows = self._connection.execute(select(unit_refunds).where(unit_refunds.c.id == id)).all()
        return self._with_lines(rows)[0]

    def of(self, order_id: UUID) -> Sequence[UnitRefund]:
        return self._with_lines(execute(self._connection, OF_ORDER, {"of_order": order_id}).all())

    def requested(self, order_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[UnitRefund]]:
        found: dict[UUID, list[UnitRefund]] = {id: [] for id in order_ids}
        if found:
            are_open = unit_refunds.c.order_id.in_(found), unit_refunds.c.status == UnitRefundStatus.REQUESTED
            query = select(unit_refunds).where(*are_open).order_by(unit_refunds.c.id)
            for each in self._with_lines(self._connection.execute(query).all()):
                found[each.order_id].append(each)
        return found

    def add(self, refund: UnitRefund) -> None:
        row = {name: getattr(refund, name) for name in ("id", "order_id", "status", "requested_at")}
        self._connection.execute(insert(unit_refunds), row)
        lines = [
            {"refund_id": refund.id, "sku": sku, "quantity": each.quantity, "amount": each.amount}
            for sku, each in refund.lines.items()
        ]
        self._connection.execute(insert(unit_refund_lines), lines)

    def save(self, refund: UnitRefund) -> None:
        is_it = unit_refunds.c.id == refund.id
        self._connection.execute(update(unit_refunds).where(is_it).values(status=refund.status))

    def count(self, order: Order, refund: UnitRefund, sign: int = 1) -> None:
        """Locks the lines in the order of their SKUs. An order that an older version has placed may have no rows of
        lines: it gets them here.
        """
        for line in order.lines:
            if line.sku in refund.lines:
                insert_if_absent(self._connection, order_lines, line_row(order.id, line))
                more = {"of_order": order.id, "the_sku": line.sku, "more": sign * refund.lines[line.sku].quantity}
                if execute(self._connection, COUNT, more).rowcount == 0:
                    raise Stale(f"order {order.id} has fewer units of {line.sku} left")

    def _with_lines(self, rows: Sequence[Any]) -> list[UnitRefund]:
        lines: dict[UUID, dict[str, RefundedUnits]] = {row.id: {} for row in rows}
        if rows:
            of = unit_refund_lines.c.refund_id.in_(lines)
            for line in self._connection.execute(select(unit_refund_lines).where(of).order_by(unit_refund_lines.c.sku)):
                lines[line.refund_id][line.sku] = RefundedUnits(line.quantity, line.amount)
        return [
            UnitRefund(
                id=row.id,
                order_id=row.order_id,
                lines=lines[row.id],
                requested_at=row.requested_at,
                status=row.status,
            )
            for row in rows
        ]


def units_as_text(units: Units) -> str | None:
    return msgspec.json.encode(units).decode() if units else None


def units_from_text(text: str | None) -> Units:
    return UNITS.decode(text) if text else {}


def given_row(before: GivenBack, after: GivenBack) -> dict[str, Any]:
    """The columns of how much of an order was given back, before a change and after it."""
    units = {"units_before": units_as_text(before.units), "units": units_as_text(after.units)}
    return {"before": before.amount, "after": after.amount, **units}


def given_of(row: Any) -> tuple[GivenBack, GivenBack]:
    before = GivenBack(row.before, units_from_text(row.units_before))
    return before, GivenBack(row.after, units_from_text(row.units))
