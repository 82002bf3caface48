"""A minimal module for tests: it publishes greetings, consumes them, and stores what it consumed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select, update

from app.bus import outbox, tables
from app.bus.consumer import Consumer
from app.bus.drain import drain
from app.bus.event import Event, Message, headers_of
from app.bus.subscription import Subscriptions, projection, reaction
from app.config.settings import Settings
from app.jobs import tables as jobs_tables
from app.jobs.worker import Task
from app.kernel import clock
from app.kernel.database import Database
from app.kernel.ids import new_id
from app.kernel.inserts import forward
from app.ops import tables as ops_tables
from app.web import tables as web_tables
from app.wiring import Module

metadata = MetaData()
greetings = Table(
    "greetings", metadata, Column("id", Integer, primary_key=True), Column("name", String), Column("text", String)
)
moods = Table(
    "moods",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("mood", String),
    Column("version", Integer),
    Column("revision", Integer),
)


@dataclass(frozen=True, kw_only=True)
class Greeted(Event, name="greeter.greeted", version=1, key="name"):
    name: str
    text: str
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class MoodChanged(Event, name="greeter.mood_changed", version=1, key="name"):
    """The mood of a person has changed. A snapshot."""

    name: str
    mood: str
    version: int
    revision: int = 0


@dataclass(frozen=True, kw_only=True)
class Waved(Event, name="greeter.waved", version=1, key="name"):
    """An event without a subscription."""

    name: str
    version: int = 1


@dataclass
class TinyUnitOfWork:
    connection: Connection


@dataclass
class Tiny:
    """The module with its consumer. The handler calls each function in `trouble`, which may raise an error."""

    module: Module
    trouble: list[Callable[[TinyUnitOfWork, Greeted], None]] = field(default_factory=list)
    met: int = 0
    consumer: Consumer = field(init=False)

    def __post_init__(self) -> None:
        self.consumer = self.module.consumer()

    @property
    def database(self) -> Database:
        return self.module.database

    def publishes(self, *events: Event) -> None:
        """Publish events in one transaction."""
        with self.database.begin() as connection:
            outbox.publish(connection, *events)

    def consumed(self) -> list[tuple[str, str]]:
        """The stored greetings (name, text), in the order in which they were consumed."""
        with self.database.read() as connection:
            rows = connection.execute(select(greetings.c.name, greetings.c.text).order_by(greetings.c.id))
            return [(row.name, row.text) for row in rows]

    def texts(self, name: str) -> list[str]:
        """The texts of the stored greetings of one name, in order."""
        return [text for whom, text in self.consumed() if whom == name]

    def rows(self, table: Table) -> list[Any]:
        """Every row of a table, in the order of its key."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)).all())

    def count(self, table: Table) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def drains(self) -> int:
        """Retry the parked keys that are due. Returns the number of events handled."""
        return drain(self.consumer, self.database)

    def time_passes(self, **delta: float) -> None:
        """Move every stored time back, as if this time had passed."""
        by = timedelta(**delta)
        moments = (
            tables.parked_keys.c.next_try_at,
            jobs_tables.jobs.c.due_at,
            jobs_tables.jobs.c.lease_until,
            tables.leases.c.until,
            tables.outbox.c.published_at,
            tables.inbox.c.handled_at,
        )
        with self.database.begin() as connection:
            for moment in moments:
                table = moment.table
                keys = list(table.primary_key.columns)
                rows = connection.execute(select(*keys, moment).where(moment.is_not(None))).all()
                for *key, then in rows:
                    same = [column == value for column, value in zip(keys, key, strict=True)]
                    connection.execute(update(table).where(*same).values({moment.name: then - by}))


def tiny(name: str, url: str, *, receives: bool = True, tasks: Mapping[str, Task] | None = None) -> Tiny:
    """Create the module and its tables."""
    database = Database(url)
    with database.begin() as connection:
        for each in (tables.metadata, jobs_tables.metadata, ops_tables.metadata, web_tables.metadata, metadata):
            each.create_all(connection)

    @contextmanager
    def transaction() -> Iterator[TinyUnitOfWork]:
        with database.begin() as connection:
            yield TinyUnitOfWork(connection)

    @contextmanager
    def reading() -> Iterator[TinyUnitOfWork]:
        with database.read() as connection:
            yield TinyUnitOfWork(connection)

    def when_greeted(uow: TinyUnitOfWork, event: Greeted) -> None:
        uow.connection.execute(insert(greetings), {"name": event.name, "text": event.text})
        for trouble in made.trouble:
            made.met += 1
            trouble(uow, event)

    def when_mood_changed(uow: TinyUnitOfWork, event: MoodChanged) -> None:
        row = {"name": event.name, "mood": event.mood, "version": event.version, "revision": event.revision}
        forward(uow.connection, moods, "name", row)

    subscriptions: Subscriptions = {Greeted: reaction(when_greeted), MoodChanged: projection(when_mood_changed)}
    module = Module(
        name=name,
        settings=Settings.from_environment({}),
        database=database,
        metadata=metadata,
        transaction=transaction,
        reading=reading,
        blueprints=[],
        subscriptions=subscriptions if receives else {},
        tasks=tasks or {},
    )
    made = Tiny(module)
    return made


def close(made: Tiny) -> None:
    made.database.close()


def message(event: Event, *, id: UUID | None = None, **changes: Any) -> Message:
    """The message of an event. `headers` are added to its own; a header of None is left out."""
    headers = headers_of(event, id or new_id(), clock.now(), None) | changes.pop("headers", {})
    parts = {
        "topic": event.topic(),
        "key": event.key,
        "headers": {name: value for name, value in headers.items() if value is not None},
        "body": event.to_json(),
    }
    return Message(**parts | changes)
