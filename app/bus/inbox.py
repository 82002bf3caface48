"""The inbox: each module handles each event once, however often it arrives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete

from app.bus.tables import inbox
from app.kernel import clock
from app.kernel.database import insert_if_absent


def first_time(connection: Connection, consumer: str, event_id: UUID) -> bool:
    """Note the event as handled, in the transaction of its effect; False when it already was."""
    return insert_if_absent(connection, inbox, {"consumer": consumer, "event_id": event_id, "handled_at": clock.now()})


def prune(connection: Connection, before: datetime) -> int:
    """Forget what was handled before then; returns how many rows."""
    return connection.execute(delete(inbox).where(inbox.c.handled_at < before)).rowcount
