"""The trail of operations: who did what by hand, when, to what, and why. Written in the transaction of the effect."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select

from app.kernel import clock
from app.kernel.ids import new_id
from app.ops.tables import operations

NEWEST = select(operations).order_by(operations.c.id.desc()).limit(bindparam("limit"))


def record(connection: Connection, who: str, what: str, subject: str, why: str) -> UUID:
    """Record an operation in the transaction of its effect. Returns the id of the entry.

    `who`: user:<id>, or shell:<account> for a command.
    """
    id = new_id()
    row = {"id": id, "at": clock.now(), "who": who[:120], "what": what, "subject": subject[:200], "why": why}
    connection.execute(insert(operations), row)
    return id


class SqlTrail:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, who: str, what: str, subject: str, why: str) -> None:
        record(self._connection, who, what, subject, why)


def newest(connection: Connection, before: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """The newest entries first; with `before`, only entries older than the one with this id."""
    query = NEWEST.where(operations.c.id < before) if before else NEWEST
    return connection.execute(query, {"limit": limit}).all()
