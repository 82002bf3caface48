"""Deletes a slice of the old rows of a table."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_

from app.kernel.slices import SLICE


def delete_slice(connection: Connection, table: Table, *old: ColumnElement[bool], first: ColumnElement[Any]) -> int:
    """Delete those rows that are old and come first in the order of a column with an index. Returns how many."""
    columns = list(table.primary_key)
    key: Any = tuple_(*columns) if len(columns) > 1 else columns[0]
    found = select(*columns).where(*old).order_by(first).limit(SLICE)
    return connection.execute(delete(table).where(key.in_(found))).rowcount
