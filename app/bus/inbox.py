"""The inbox: the ids of handled events, so that a module applies an event once, however often it arrives."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select

from app.bus.tables import inbox
from app.kernel import clock
from app.kernel.deletes import delete_slice
from app.kernel.inserts import insert_if_absent

KNOWN = select(inbox.c.event_id).where(
    inbox.c.consumer == bindparam("the_consumer"), inbox.c.event_id.in_(bindparam("events", expanding=True))
)


def first_time(connection: Connection, consumer: str, event_id: UUID) -> bool:
    """Record the event as handled, in the transaction of its effect. Returns False if it was handled before."""
    return insert_if_absent(connection, inbox, {"consumer": consumer, "event_id": event_id, "handled_at": clock.now()})


def known(connection: Connection, consumer: str, events: Collection[UUID]) -> set[UUID]:
    """The ids of those events that were handled before."""
    return set(connection.execute(KNOWN, {"the_consumer": consumer, "events": list(events)}).scalars())


def forget(connection: Connection, consumer: str, event_id: UUID) -> None:
    """Delete the event's row, so that the event is applied again when it arrives."""
    connection.execute(delete(inbox).where(inbox.c.consumer == consumer, inbox.c.event_id == event_id))


def prune(connection: Connection, before: datetime) -> int:
    """Delete a slice of the rows of events handled before a time. Returns how many."""
    return delete_slice(connection, inbox, inbox.c.handled_at < before, first=inbox.c.handled_at)
