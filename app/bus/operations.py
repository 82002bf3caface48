"""What people who run the shop did by hand: who, when, what to, and why. Written with the effect, or not at all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, insert, select

from app.bus.tables import operations
from app.kernel import clock
from app.kernel.ids import new_id

NEWEST = select(operations).order_by(operations.c.id.desc()).limit(bindparam("most"))


def note(connection: Connection, who: str, what: str, subject: str, why: str) -> None:
    """In the transaction of its effect. `who`: a user's id, or the account that ran a command."""
    row = {"id": new_id(), "at": clock.now(), "who": who, "what": what, "subject": subject, "why": why}
    connection.execute(insert(operations), row)


def newest(connection: Connection, before: UUID | None, most: int) -> Sequence[Row[Any]]:
    """The newest first, those noted before `before`."""
    these = NEWEST.where(operations.c.id < before) if before else NEWEST
    return connection.execute(these, {"most": most}).all()
