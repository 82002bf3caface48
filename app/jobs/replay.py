"""Replay: past events are fed to one module again, in slices that a worker does; killed anywhere, it is gone on with.

What the module remembers having handled has no second effect; so it mends what was lost, and harms nothing. With
`forget` it has: that rebuilds a projection, and is for projections only.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from app.bus import inbox
from app.bus.consumer import Consumer
from app.bus.event import Message, Unreadable, current_type
from app.bus.history import EventFilter
from app.bus.retry import Stopped
from app.bus.transport.base import Offsets, Transport
from app.jobs.enqueue import enqueue
from app.jobs.tables import jobs, replays
from app.jobs.worker import Task
from app.kernel import clock
from app.kernel.crash import crash_point
from app.kernel.database import Database
from app.kernel.errors import Invalid, NotFound

KIND = "replay"
SLICE = 10.0  # seconds before the worker may do something else; its lease is 30


@dataclass
class Count:
    """What a replay would meet: by type, how many events, and how many of them would be handled."""

    events: Counter[str] = field(default_factory=Counter)
    to_handle: Counter[str] = field(default_factory=Counter)
    complete: bool = True  # False: there was no time to look at all of them


def types_meant(consumer: Consumer, type: str | None, forget: bool) -> frozenset[str]:
    """What a replay feeds to this module: all that it hears, to be forgotten only projections. Raises Invalid."""
    projections = frozenset(name for name, each in consumer.subscriptions.items() if each.is_projection)
    if type is None:
        return projections if forget else frozenset(consumer.subscriptions)
    if type not in consumer.subscriptions:
        raise Invalid(
            "unknown_type",
            f"{consumer.name} does not hear {type}; it hears {', '.join(sorted(consumer.subscriptions))}",
        )
    if forget and type not in projections:
        raise Invalid("not_a_projection", f"{type} is a reaction of {consumer.name}: done twice it would do harm")
    return frozenset({type})


def count(
    consumer: Consumer, database: Database, transport: Transport, event_filter: EventFilter, seconds: float
) -> Count:
    """Look only, for so many seconds at most. Raises Unreachable."""
    found, until = Count(), time.monotonic() + seconds
    with closing(transport.history(consumer.name, event_filter.since, event_filter.until, {})) as history:
        for messages, _ in history:
            meant = [each for each in messages if event_filter.takes(each)]
            known = _known(consumer, database, event_filter, meant)
            found.events.update(each.type for each in meant)
            found.to_handle.update(each.type for each in meant if _id(each) not in known)
            if time.monotonic() > until:
                found.complete = False
                break
    return found


def enqueue_replay(connection: Connection, id: UUID, event_filter: EventFilter, due_at: datetime | None = None) -> None:
    """Have it done after this transaction. `id`: that of its entry in the trail of who asked for it."""
    row = {"id": id, "event_filter": msgspec.json.encode(event_filter).decode(), "offsets": "{}", "counts": "{}"}
    connection.execute(insert(replays), row)
    enqueue(connection, KIND, str(id), due_at)


def get(connection: Connection, id: UUID) -> Row[Any]:
    """One replay, with the trouble that it is in, if any. Raises NotFound."""
    requested = (jobs.c.kind == KIND) & (jobs.c.subject == str(id))
    trouble = select(jobs.c.error).where(requested).scalar_subquery().label("trouble")
    row = connection.execute(select(replays, trouble).where(replays.c.id == id)).first()
    if row is None:
        raise NotFound("no_such_replay", f"there is no replay {id} in this module")
    return row


def filter_of(row: Row[Any]) -> EventFilter:
    """What was asked for."""
    found = msgspec.json.decode(row.event_filter, type=EventFilter)
    return replace(found, types=frozenset(map(current_type, found.types)))


def counts_of(row: Row[Any]) -> dict[str, int]:
    """What became of the events so far: handled, seen, queued, parked; how many of each."""
    return msgspec.json.decode(row.counts, type=dict[str, int])


def task_of(consumer: Consumer, database: Database, transport: Transport) -> Task:
    """The task of a module's workers."""

    def replay(subject: str) -> timedelta | None:
        return None if go_on(consumer, database, transport, UUID(subject)) else timedelta()

    return replay


def go_on(
    consumer: Consumer,
    database: Database,
    transport: Transport,
    id: UUID,
    progress: Callable[[int], None] | None = None,
) -> bool:
    """One slice: feed what comes next, and keep how far that went. True when all is done. Raises Unreachable.

    `progress` hears of each step how many of the events were meant.
    """
    with database.read() as connection:
        row = get(connection, id)
    if row.ended_at is not None:
        return True
    event_filter, counts = filter_of(row), Counter(counts_of(row))
    offsets: Offsets = msgspec.json.decode(row.offsets, type=dict[str, int])
    until, over = time.monotonic() + SLICE, True
    try:
        with closing(transport.history(consumer.name, event_filter.since, event_filter.until, offsets)) as history:
            for messages, after in history:
                outcomes = _feed(consumer, database, event_filter, messages)
                counts, offsets = counts + outcomes, after
                if progress:
                    progress(outcomes.total())
                if time.monotonic() > until or consumer.stopping.is_set():
                    over = False
                    break
    except Stopped:
        over = False
    except BaseException:
        _save(database, id, offsets, counts, ended=False)
        raise
    crash_point("before_place")
    _save(database, id, offsets, counts, ended=over)
    return over


def put_off(connection: Connection, id: UUID, by: timedelta) -> None:
    """Somebody does it now: a worker shall take it up only if that ends."""
    enqueue(connection, KIND, str(id), clock.now() + by)


def drop(connection: Connection, id: UUID) -> None:
    """It is done: no worker needs to look at it."""
    connection.execute(delete(jobs).where(jobs.c.kind == KIND, jobs.c.subject == str(id)))


def _feed(
    consumer: Consumer, database: Database, event_filter: EventFilter, messages: Sequence[Message]
) -> Counter[str]:
    meant = [each for each in messages if event_filter.takes(each)]
    known = _known(consumer, database, event_filter, meant)
    return Counter("seen" if _id(each) in known else consumer.handle(each, again=event_filter.forget) for each in meant)


def _known(
    consumer: Consumer, database: Database, event_filter: EventFilter, messages: Collection[Message]
) -> Collection[UUID | None]:
    """Which of them need not be handled: asked for all at once, since most are like that."""
    ids = [id for each in messages if (id := _id(each)) is not None]
    if event_filter.forget or not ids:
        return frozenset()
    with database.read() as connection:
        return inbox.known(connection, consumer.name, ids)


def _id(message: Message) -> UUID | None:
    try:
        return message.id
    except Unreadable:
        return None


def _save(database: Database, id: UUID, offsets: Offsets, counts: Mapping[str, int], *, ended: bool) -> None:
    values = {
        "offsets": msgspec.json.encode(offsets).decode(),
        "counts": msgspec.json.encode(counts).decode(),
        "ended_at": clock.now() if ended else None,
    }
    with database.begin() as connection:
        connection.execute(update(replays).where(replays.c.id == id).values(**values))
