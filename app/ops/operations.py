"""What people who run the shop did by hand: who, when, what to, and why. Written with the effect, or not at all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select

from app.kernel import clock
from app.kernel.ids import new_id
from app.ops.tables import operations

NEWEST = select(operations).order_by(operations.c.id.desc()).limit(bindparam("limit"))


def record(connection: Connection, who: str, what: str, subject: str, why: str) -> UUID:
    """In the transaction of its effect. `who`: user:<id>, or shell:<account> for a command. Returns the entry's id."""
    id = new_id()
    row = {"id": id, "at": clock.now(), "who": who[:120], "what": what, "subject": subject[:200], "why": why}
    connection.execute(insert(operations), row)
    return id


class SqlTrail:
    """Of the module whose transaction this is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, who: str, what: str, subject: str, why: str) -> None:
        """Written with the effect, or not at all."""
        record(self._connection, who, what, subject, why)


def newest(connection: Connection, before: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """The newest first, those noted before `before`."""
    these = NEWEST.where(operations.c.id < before) if before else NEWEST
    return connection.execute(these, {"limit": limit}).all()
