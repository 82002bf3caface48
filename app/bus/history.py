"""The past: what was said and has been carried. Which of it is meant, and what the outbox still has of it."""

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
    """Which part of the past: said between two moments, of these types, of one key where it is named.

    `forget`: to be handled even by who remembers having handled it.
    """

    since: datetime
    until: datetime
    types: frozenset[str]
    key: str | None = None
    forget: bool = False

    def takes(self, message: Message) -> bool:
        """Whether a message from between the two moments is meant."""
        return message.type in self.types and self.key in (None, message.key)

    def __str__(self) -> str:
        types = ", ".join(sorted(self.types)) if len(self.types) < 3 else f"{len(self.types)} types"
        key = f", key {self.key}" if self.key is not None else ""
        forget = ", handled or not" if self.forget else ""
        return f"{types}{key}{forget}, {self.since:%Y-%m-%dT%H:%M:%SZ} to {self.until:%Y-%m-%dT%H:%M:%SZ}"


def published(
    connection: Connection, after: int, since: datetime, until: datetime, limit: int
) -> list[tuple[int, Message]]:
    """What was sent and delivered, in the order of saying, with positions; those after one."""
    which = {"after": after, "since": since, "until": until, "limit": limit}
    return [(row.position, message_of(row)) for row in connection.execute(PUBLISHED, which)]


def count(connection: Connection, event_filter: EventFilter) -> dict[str, int]:
    """How many events that were sent the outbox has, by type."""
    by_type = select(outbox.c.type, func.count()).where(_meant(event_filter)).group_by(outbox.c.type)
    rows = connection.execute(by_type.order_by(outbox.c.type)).all()
    return {row[0]: row[1] for row in rows}


def oldest(connection: Connection) -> datetime | None:
    """Since when the outbox has everything: what was sent is kept for some days only."""
    return connection.execute(OLDEST).scalar()


def mark_unpublished(connection: Connection, event_filter: EventFilter, after: int, limit: int) -> tuple[int, int]:
    """Take the marks off up to so many rows, those after a position, oldest first; the relay then sends them once more.

    Returns how many, and the last one's position. What is still to be sent needs no second time.
    """
    meant = select(outbox.c.position).where(_meant(event_filter), outbox.c.position > after)
    positions = connection.execute(meant.order_by(outbox.c.position).limit(limit)).scalars().all()
    if positions:
        these = outbox.c.position.in_(bindparam("positions", expanding=True))
        connection.execute(update(outbox).where(these).values(published_at=None), {"positions": positions})
        notify_on_commit(connection, "event")
    return len(positions), positions[-1] if positions else after


def _meant(event_filter: EventFilter) -> ColumnElement[bool]:
    conditions: list[Any] = [
        outbox.c.published_at.is_not(None),
        outbox.c.created_at.between(event_filter.since, event_filter.until),
        outbox.c.type.in_(every_name(event_filter.types)),
    ]
    if event_filter.key is not None:
        conditions.append(outbox.c.key == event_filter.key)
    return and_(*conditions)
