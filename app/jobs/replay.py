"""Replay: past events are fed to one module again, in slices that a worker does; killed anywhere, it is gone on with.

What the module remembers having handled has no second effect; so it mends what was lost, and harms nothing. With
`forget` it has: that rebuilds a projection, and is for projections only.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from app.bus import inbox
from app.bus.consumer import Consumer
from app.bus.event import Message, Unreadable
from app.bus.past import Question
from app.bus.retry import Stopped
from app.bus.transport.base import Place, Transport
from app.jobs.enqueue import enqueue
from app.jobs.tables import replays, work
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
    projections = frozenset(name for name, each in consumer.heard.items() if each.is_projection)
    if type is None:
        return projections if forget else frozenset(consumer.heard)
    if type not in consumer.heard:
        raise Invalid(
            "unknown_type", f"{consumer.name} does not hear {type}; it hears {', '.join(sorted(consumer.heard))}"
        )
    if forget and type not in projections:
        raise Invalid("not_a_projection", f"{type} is a reaction of {consumer.name}: done twice it would do harm")
    return frozenset({type})


def count(consumer: Consumer, database: Database, transport: Transport, question: Question, seconds: float) -> Count:
    """Look only, for so many seconds at most. Raises Unreachable."""
    found, until = Count(), time.monotonic() + seconds
    with closing(transport.past(consumer.name, question.since, question.until, {})) as past:
        for messages, _ in past:
            meant = [each for each in messages if question.takes(each)]
            known = _known(consumer, database, question, meant)
            found.events.update(each.type for each in meant)
            found.to_handle.update(each.type for each in meant if _id(each) not in known)
            if time.monotonic() > until:
                found.complete = False
                break
    return found


def ask(connection: Connection, id: UUID, question: Question, due_at: datetime | None = None) -> None:
    """Have it done after this transaction. `id`: that of its entry in the trail of who asked for it."""
    row = {"id": id, "question": msgspec.json.encode(question).decode(), "place": "{}", "counts": "{}"}
    connection.execute(insert(replays), row)
    enqueue(connection, KIND, str(id), due_at)


def get(connection: Connection, id: UUID) -> Row[Any]:
    """One replay, with the trouble that it is in, if any. Raises NotFound."""
    asked = (work.c.kind == KIND) & (work.c.subject == str(id))
    trouble = select(work.c.error).where(asked).scalar_subquery().label("trouble")
    row = connection.execute(select(replays, trouble).where(replays.c.id == id)).first()
    if row is None:
        raise NotFound("no_such_replay", f"there is no replay {id} in this module")
    return row


def question_of(row: Row[Any]) -> Question:
    """What was asked for."""
    return msgspec.json.decode(row.question, type=Question)


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
    told: Callable[[int], None] | None = None,
) -> bool:
    """One slice: feed what comes next, and keep how far that went. True when all is done. Raises Unreachable.

    `told` hears of each step how many of the events were meant.
    """
    with database.read() as connection:
        row = get(connection, id)
    if row.ended_at is not None:
        return True
    question, counts = question_of(row), Counter(counts_of(row))
    place: Place = msgspec.json.decode(row.place, type=dict[str, int])
    until, over = time.monotonic() + SLICE, True
    try:
        with closing(transport.past(consumer.name, question.since, question.until, place)) as past:
            for messages, after in past:
                outcomes = _feed(consumer, database, question, messages)
                counts, place = counts + outcomes, after
                if told:
                    told(outcomes.total())
                if time.monotonic() > until or consumer.stopping.is_set():
                    over = False
                    break
    except Stopped:
        over = False
    except BaseException:
        _keep(database, id, place, counts, ended=False)
        raise
    crash_point("before_place")
    _keep(database, id, place, counts, ended=over)
    return over


def put_off(connection: Connection, id: UUID, by: timedelta) -> None:
    """Somebody does it now: a worker shall take it up only if that ends."""
    enqueue(connection, KIND, str(id), clock.now() + by)


def drop(connection: Connection, id: UUID) -> None:
    """It is done: no worker needs to look at it."""
    connection.execute(delete(work).where(work.c.kind == KIND, work.c.subject == str(id)))


def _feed(consumer: Consumer, database: Database, question: Question, messages: Sequence[Message]) -> Counter[str]:
    meant = [each for each in messages if question.takes(each)]
    known = _known(consumer, database, question, meant)
    return Counter("seen" if _id(each) in known else consumer.handle(each, again=question.forget) for each in meant)


def _known(
    consumer: Consumer, database: Database, question: Question, messages: Collection[Message]
) -> Collection[UUID | None]:
    """Which of them need not be handled: asked for all at once, since most are like that."""
    ids = [id for each in messages if (id := _id(each)) is not None]
    if question.forget or not ids:
        return frozenset()
    with database.read() as connection:
        return inbox.known(connection, consumer.name, ids)


def _id(message: Message) -> UUID | None:
    try:
        return message.id
    except Unreadable:
        return None


def _keep(database: Database, id: UUID, place: Place, counts: Mapping[str, int], *, ended: bool) -> None:
    values = {
        "place": msgspec.json.encode(place).decode(),
        "counts": msgspec.json.encode(counts).decode(),
        "ended_at": clock.now() if ended else None,
    }
    with database.begin() as connection:
        connection.execute(update(replays).where(replays.c.id == id).values(**values))
