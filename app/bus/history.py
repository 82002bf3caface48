"""Past events: those that the transport has delivered. Selects some of them, and reads them in the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, update

from app.bus.event import Message, every_name
from app.bus.outbox import message_of
from app.bus.tables import outbox
from app.kernel.database import notify_on_commit

PUBLISHED = (
    select(outbox.c.position, outbox.c.topic, outbox.c.key, outbox.c.headers, outbox.c.body)
    .where(
        outbox.c.published_at.is_not(None),
        outbox.c.position > bindparam("after"),
        outbox.c.created_at.between(bindparam("since"), bindparam("until")),
    )
    .order_by(outbox.c.position)
    .limit(bindparam("limit"))
)
OLDEST = select(outbox.c.created_at).order_by(outbox.c.position).limit(1)


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """Selects past events: published between two times, of these types, and of one key if it is given.

    `forget`: a consumer handles them even if it has handled them before.
    """

    since: datetime
    until: datetime
    types: frozenset[str]
    key: str | None = None
    forget: bool = False

    def takes(self, message: Message) -> bool:
        """Whether the type and key of a message match; the caller has checked the time."""
        return message.type in self.types and self.key in (None, message.key)

    def __str__(self) -> str:
        types = ", ".join(sorted(self.types)) if len(self.types) < 3 else f"{len(self.types)} types"
        key = f", key {self.key}" if self.key is not None else ""
        forget = ", handled or not" if self.forget else ""
        return f"{types}{key}{forget}, {self.since:%Y-%m-%dT%H:%M:%SZ} to {self.until:%Y-%m-%dT%H:%M:%SZ}"


def published(
    connection: Connection, after: int, since: datetime, until: datetime, limit: int
) -> list[tuple[int, Message]]:
    """Delivered events with their positions, in the order of publication, beginning after position `after`."""
    which = {"after": after, "since": since, "until": until, "limit": limit}
    return [(row.position, message_of(row)) for row in connection.execute(PUBLISHED, which)]


def count(connection: Connection, event_filter: EventFilter) -> dict[str, int]:
    """The number of delivered events in the outbox, by type."""
    by_type = select(outbox.c.type, func.count()).where(_matches(event_filter)).group_by(outbox.c.type)
    rows = connection.execute(by_type.order_by(outbox.c.type)).all()
    return {row[0]: row[1] for row in rows}


def oldest(connection: Connection) -> datetime | None:
    """The time since which the outbox is complete: delivered rows are deleted after some days."""
    return connection.execute(OLDEST).scalar()


def mark_unpublished(connection: Connection, event_filter: EventFilter, after: int, limit: int) -> tuple[int, int]:
    """Unmark up to `limit` delivered rows after position `after`, oldest first; the relay then sends them again.

    Returns their number and the last one's position. Rows not yet delivered are left alone: they will be sent anyway.
    """
    query = select(outbox.c.position).where(_matches(event_filter), outbox.c.position > after)
    positions = connection.execute(query.order_by(outbox.c.position).limit(limit)).scalars().all()
    if positions:
        selected = outbox.c.position.in_(bindparam("positions", expanding=True))
        connection.execute(update(outbox).where(selected).values(published_at=None), {"positions": positions})
        notify_on_commit(connection, "event")
    return len(positions), positions[-1] if positions else after


def _matches(event_filter: EventFilter) -> ColumnElement[bool]:
    conditions: list[Any] = [
        outbox.c.published_at.is_not(None),
        outbox.c.created_at.between(event_filter.since, event_filter.until),
        outbox.c.type.in_(every_name(event_filter.types)),
    ]
    if event_filter.key is not None:
        conditions.append(outbox.c.key == event_filter.key)
    return and_(*conditions)
