"""The outbox: an event is sent if and only if the transaction that published it commits."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from prometheus_client import Counter
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from app.bus.event import Event, Message, headers_of
from app.bus.tables import outbox
from app.kernel import clock
from app.kernel.compiled import execute
from app.kernel.context import request_id, traceparent
from app.kernel.database import count_once_committed, notify_on_commit
from app.kernel.ids import new_id
from app.kernel.slices import SLICE
from app.kernel.trace import begun

ENQUEUED = Counter("quartet_bus_enqueued_total", "Events whose transaction has committed", ["type"])

INSERT = insert(outbox).inline()
WAITING = (
    select(outbox.c.position, outbox.c.topic, outbox.c.key, outbox.c.headers, outbox.c.body)
    .where(outbox.c.published_at.is_(None))
    .order_by(outbox.c.position)
)
UNPUBLISHED_AFTER = WAITING.where(outbox.c.position > bindparam("after")).limit(bindparam("limit"))
UNPUBLISHED_UP_TO = (
    WAITING.with_only_columns(outbox.c.position).where(outbox.c.position <= bindparam("upto")).limit(bindparam("limit"))
)
THESE = WAITING.where(outbox.c.position.in_(bindparam("positions", expanding=True)))
MARK = update(outbox).values(published_at=bindparam("now"))
MARK_MANY = MARK.where(outbox.c.position.in_(bindparam("positions", expanding=True)))
MARK_FEW = {  # by the number of positions: compiled once
    count: MARK.where(outbox.c.position.in_([bindparam(f"p{n}") for n in range(count)])) for count in (1, 5, 25, 100)
}


def publish(connection: Connection, *events: Event) -> None:
    """Write events to the outbox, in this order; they are sent once this transaction has committed.

    Outside of a trace (a change made by a clock), a new trace begins here.
    """
    if not events:
        return
    now, request, trace = clock.now(), request_id.get(), traceparent.get() or begun()
    rows = []
    for event in events:
        id = new_id()
        headers = msgspec.json.encode(headers_of(event, id, now, request, trace)).decode()
        rows.append(
            {
                "event_id": id,
                "topic": event.topic(),
                "key": event.key,
                "type": event.event_type(),
                "headers": headers,
                "body": event.to_json(),
                "created_at": now,
            }
        )
    for row in rows:
        execute(connection, INSERT, row)
    notify_on_commit(connection, "event")
    count_once_committed(connection, partial(_count, events))


def unpublished_after(
    connection: Connection, after: int, limit: int, without: Collection[int] = ()
) -> list[tuple[int, Message]]:
    """Undelivered events after a position, oldest first, with their positions; not those at the positions `without`."""
    rows = execute(connection, UNPUBLISHED_AFTER, {"after": after, "limit": limit + len(without)})
    return [(row.position, message_of(row)) for row in rows if row.position not in without][:limit]


def unpublished_up_to(connection: Connection, upto: int, limit: int) -> Sequence[int]:
    """Undelivered positions up to `upto`, oldest first: rows that are in flight, were committed late, or are
    republished.
    """
    return connection.execute(UNPUBLISHED_UP_TO, {"upto": upto, "limit": limit}).scalars().all()


def load(connection: Connection, positions: Iterable[int]) -> list[tuple[int, Message]]:
    """The events at these positions that are not marked as delivered, oldest first."""
    return [(row.position, message_of(row)) for row in connection.execute(THESE, {"positions": list(positions)})]


def mark(connection: Connection, positions: Iterable[int], now: datetime) -> None:
    """Mark rows as delivered, by one statement: the last position is repeated until MARK_FEW has their number."""
    every = list(positions)
    count = next((count for count in MARK_FEW if count >= len(every)), None)
    if count is None:
        connection.execute(MARK_MANY, {"positions": every, "now": now})
        return
    every += every[-1:] * (count - len(every))
    execute(connection, MARK_FEW[count], {f"p{n}": position for n, position in enumerate(every)} | {"now": now})


def prune(connection: Connection, before: datetime) -> int:
    """Delete those of the oldest rows that were delivered before a time: a slice, for `in_slices`. Returns how many.

    The oldest by position, which has the index: rows are delivered in that order.
    """
    oldest = select(outbox.c.position).order_by(outbox.c.position).limit(SLICE)
    return connection.execute(
        delete(outbox).where(outbox.c.position.in_(oldest), outbox.c.published_at < before)
    ).rowcount


def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """The number of undelivered events, and the time of the oldest."""
    waiting = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.published_at.is_(None))
    count, oldest = connection.execute(waiting).one()
    return count, oldest


def message_of(row: Any) -> Message:
    """The message that the relay sends for a row."""
    headers = msgspec.json.decode(row.headers)
    return Message(topic=row.topic, key=row.key, headers=headers, body=row.body, offset=row.position)


def _count(events: Iterable[Event]) -> None:
    for event in events:
        ENQUEUED.labels(event.event_type()).inc()
