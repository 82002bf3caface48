"""Inserts of the few rows that belong to a new order: its lines, its tax, its discounts."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Insert

from app.kernel.compiled import execute
from app.modules.orders.domain.orders.order import Line


def insert_rows(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns. `statement` is built once.

    Where several rows would be several round trips, SQLAlchemy sends them in one. Otherwise the driver is faster.
    """
    if len(rows) > 1 and connection.dialect.name == "postgresql":
        connection.execute(statement, rows)
    elif rows:
        execute(connection, statement, *rows)


def line_row(order_id: UUID, line: Line) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "sku": line.sku,
        "name": line.name,
        "unit_price": line.unit_price.amount,
        "ordered": line.quantity,
        "ships": line.ships,
        "discount": line.discount,
    }
