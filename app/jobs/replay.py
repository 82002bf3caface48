"""Replay: a worker feeds past events to one module again, in slices. A replay that was killed continues where it was.

Events in the module's inbox have no second effect, so a replay repairs what was lost, and does no harm. With `forget`
they are applied again: that rebuilds a projection, and is possible for projections only.
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
SLICE = 10.0  # seconds after which the worker may do other jobs; its lease is 30


@dataclass
class Count:
    """What a replay would do: the number of events by type, and how many of them would be handled."""

    events: Counter[str] = field(default_factory=Counter)
    to_handle: Counter[str] = field(default_factory=Counter)
    complete: bool = True  # False: the time was over before all events were counted


def types_meant(consumer: Consumer, type: str | None, forget: bool) -> frozenset[str]:
    """The types of event to replay: `type`, or all that the module consumes; with `forget` only its projections.

    Raises Invalid(unknown_type) and Invalid(not_a_projection).
    """
    projections = frozenset(name for name, each in consumer.subscriptions.items() if each.is_projection)
    if type is None:
        return projections if forget else frozenset(consumer.subscriptions)
    if type not in consumer.subscriptions:
        raise Invalid(
            "unknown_type",
            f"{consumer.name} does not consume {type}; it consumes {', '.join(sorted(consumer.subscriptions))}",
        )
    if forget and type not in projections:
        raise Invalid(
            "not_a_projection",
            f"{type} is a reaction of {consumer.name}, which must not run twice: replay it without forget",
        )
    return frozenset({type})


def count(
    consumer: Consumer, database: Database, transport: Transport, event_filter: EventFilter, seconds: float
) -> Count:
    """Count what a replay would do, for about `seconds` at most, without doing it. Raises Unreachable."""
    counted, until = Count(), time.monotonic() + seconds
    with closing(transport.history(consumer.name, event_filter.since, event_filter.until, {})) as history:
        for messages, _ in history:
            selected = [each for each in messages if event_filter.takes(each)]
            known = _known(consumer, database, event_filter, selected)
            counted.events.update(each.type for each in selected)
            counted.to_handle.update(each.type for each in selected if _id(each) not in known)
            if time.monotonic() > until:
                counted.complete = False
                break
    return counted


def enqueue_replay(connection: Connection, id: UUID, event_filter: EventFilter, due_at: datetime | None = None) -> None:
    """Add the job of a replay. `id`: the id of its entry in the trail."""
    row = {"id": id, "event_filter": msgspec.json.encode(event_filter).decode(), "offsets": "{}", "counts": "{}"}
    connection.execute(insert(replays), row)
    enqueue(connection, KIND, str(id), due_at)


def get(connection: Connection, id: UUID) -> Row[Any]:
    """One replay, with the error of its job (`trouble`), if any. Raises NotFound(no_such_replay)."""
    requested = (jobs.c.kind == KIND) & (jobs.c.subject == str(id))
    trouble = select(jobs.c.error).where(requested).scalar_subquery().label("trouble")
    row = connection.execute(select(replays, trouble).where(replays.c.id == id)).first()
    if row is None:
        raise NotFound("no_such_replay", f"there is no replay {id} in this module")
    return row


def filter_of(row: Row[Any]) -> EventFilter:
    """The filter of a replay, with the current names of the types."""
    stored = msgspec.json.decode(row.event_filter, type=EventFilter)
    return replace(stored, types=frozenset(map(current_type, stored.types)))


def counts_of(row: Row[Any]) -> dict[str, int]:
    """The number of events so far by outcome: `handled`, `seen`, `queued`, `parked`."""
    return msgspec.json.decode(row.counts, type=dict[str, int])


def task_of(consumer: Consumer, database: Database, transport: Transport) -> Task:
    """The task of a module's workers that does the replays of the module, slice by slice."""

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
    """Do one slice: feed the next events, and save the offsets. True when the replay is done. Raises Unreachable.

    `progress` is called after each batch with the number of its events that the filter selected.
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
    crash_point("before_replay_saved")
    _save(database, id, offsets, counts, ended=over)
    return over


def put_off(connection: Connection, id: UUID, by: timedelta) -> None:
    """Postpone the job of a replay, as the caller does the replay itself: a worker continues it if the caller ends."""
    enqueue(connection, KIND, str(id), clock.now() + by)


def drop(connection: Connection, id: UUID) -> None:
    """Delete the job of a replay that is done."""
    connection.execute(delete(jobs).where(jobs.c.kind == KIND, jobs.c.subject == str(id)))


def _feed(
    consumer: Consumer, database: Database, event_filter: EventFilter, messages: Sequence[Message]
) -> Counter[str]:
    selected = [each for each in messages if event_filter.takes(each)]
    known = _known(consumer, database, event_filter, selected)
    return Counter(
        "seen" if _id(each) in known else consumer.handle(each, again=event_filter.forget) for each in selected
    )


def _known(
    consumer: Consumer, database: Database, event_filter: EventFilter, messages: Collection[Message]
) -> Collection[UUID | None]:
    """The ids of events that need not be handled. One query for all of them, as most were handled before."""
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
