"""One module's database: two engines, and the only place that knows SQLite from PostgreSQL.

SQLite: WAL, one lock per file around write transactions (its own waiting is unfair: p99 475 ms against 19 ms
under load) and BEGIN IMMEDIATE (a deferred transaction that has read fails at once when it wants to write).
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args

from sqlalchemy import Connection, DateTime, Dialect, Engine, String, Table, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from app.kernel.crash import crash_point
from app.kernel.deadline import ended_after
from app.kernel.engines import engines
from app.kernel.errors import Stale

log = logging.getLogger(__name__)

AGAIN = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout: repeat at once
AWAY = ("08", "57")  # connection exceptions, operator intervention (shutdown, crash)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, always with its zone: SQLite keeps none, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone rather than guess one."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite dropped."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Name(TypeDecorator[StrEnum]):
    """One of a closed set of names, kept as text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, names: type[StrEnum]) -> None:
        super().__init__()
        self.names = names

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return str(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return self.names(value) if value is not None else None


Notification = Literal["event", "job", "change"]
"""What a commit may leave for others in this process: something to send, something to do, something to see."""


class Database:
    """A module's own database, opened on first use (never before a fork)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.reads, self._writes = engines(url, self.is_sqlite)
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()
        self._listeners: list[tuple[Callable[[], None], frozenset[Notification]]] = []

    def on_notification(self, listener: Callable[[], None], *kinds: Notification) -> None:
        """Call `listener` after each commit that left news of these kinds; of any, where none is named."""
        self._listeners.append((listener, frozenset(kinds or get_args(Notification))))

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One write transaction. Raises Stale when the database asks for it to be repeated."""
        try:
            with self._turn, self._writes.connect() as connection:
                transaction = connection.begin()
                try:
                    yield connection
                except BaseException:
                    if not connection.invalidated:  # else the server has gone, and asking for info would raise over it
                        connection.info.pop("notifications", None)
                        connection.info.pop("counts", None)
                        connection.info.pop("counts_at", None)
                    if transaction.is_active:  # a session whose flush failed has rolled back already
                        transaction.rollback()
                    raise
                notifications: set[Notification] = connection.info.pop("notifications", set())
                counts: list[Callable[[], None]] = connection.info.pop("counts", [])
                connection.info.pop("counts_at", None)
                if notifications:
                    crash_point("before_commit")
                transaction.commit()
        except DBAPIError as error:
            if asks_to_repeat(error):
                raise Stale(str(error.orig)) from error
            raise
        if notifications:
            crash_point("after_commit")
            self.notify(notifications)
        for count in counts:
            count()

    @contextmanager
    def step_by_step(self) -> Iterator[Connection]:
        """A connection that writes, on which nothing has begun: for what must be more than one transaction, or none.

        Raises Stale as `begin` does.
        """
        try:
            with self._turn, self._writes.connect() as connection:
                yield connection
        except DBAPIError as error:
            if asks_to_repeat(error):
                raise Stale(str(error.orig)) from error
            raise

    def notify(self, notifications: AbstractSet[Notification]) -> None:
        """Tell the listeners of what a commit left, here or in another process."""
        for listener, kinds in self._listeners:
            if notifications & kinds:
                listener()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that reads, each statement by itself, without a transaction to open and end."""
        with self.reads.connect() as connection:
            yield connection

    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        """A connection that reads, on which statements are ended after so long. Raises TooSlow for one that was."""
        with self.reads.connect() as connection, ended_after(connection, seconds):
            yield connection

    @contextmanager
    def begin_session(self) -> Iterator[tuple[Connection, Session]]:
        """One write transaction, with an ORM session in it. Raises Stale where someone else wrote first."""
        with self.begin() as connection, Session(bind=connection, expire_on_commit=False) as session:
            try:
                yield connection, session
                session.flush()
            except StaleDataError as error:
                raise Stale(str(error)) from error

    @contextmanager
    def read_session(self) -> Iterator[tuple[Connection, Session]]:
        """A connection that reads, with an ORM session on it that writes nothing."""
        with self.read() as connection, Session(bind=connection, autoflush=False) as session:
            yield connection, session

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """The one that reads, and the one that writes."""
        return self.reads, self._writes

    def check(self) -> None:
        """Raise if the database does not answer."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Give back every connection."""
        self.reads.dispose()
        self._writes.dispose()


def notify_on_commit(connection: Connection, kind: Notification) -> None:
    """Have the listeners of this database told once this transaction has committed."""
    connection.info.setdefault("notifications", set()).add(kind)


def count_once_committed(connection: Connection, count: Callable[[], None]) -> None:
    """Count something when this transaction has committed, and not otherwise."""
    connection.info.setdefault("counts", []).append(count)


def insert_if_absent(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless its key is there; says whether it was inserted."""
    return connection.execute(_insert_new(connection.dialect.name, table), values).rowcount == 1


def upsert(connection: Connection, table: Table, key: str, row: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Insert a row; where `key` (names separated by commas) is taken, make `changes` instead."""
    statement = _insert(connection.dialect.name, table)
    connection.execute(statement.on_conflict_do_update(index_elements=key.split(","), set_=changes), row)


def forward(connection: Connection, table: Table, keys: str, row: Mapping[str, Any]) -> bool:
    """Keep a copy of what another owns, moving forward by `version` only, and within one by `revision`, which is raised
    when the fact gains a field; False when it was older or the same."""
    statement = _insert(connection.dialect.name, table)
    index = keys.split(",")
    newer = {name: statement.excluded[name] for name in row if name not in index}
    known, given = (tuple_(each.version, each.revision) for each in (table.c, statement.excluded))
    copy = statement.on_conflict_do_update(index_elements=index, set_=newer, where=known < given)
    return connection.execute(copy, row).rowcount == 1


def asks_to_repeat(error: DBAPIError) -> bool:
    """Deadlock, serialization failure, lock timeout, SQLITE_BUSY: roll back and run it again."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "pgcode", None) in AGAIN


def is_away(error: BaseException) -> bool:
    """Whether the world is down (no database, no disk), as opposed to our statement being wrong."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, ConnectionError)
    code = getattr(error.orig, "pgcode", None)
    if isinstance(error.orig, sqlite3.OperationalError):
        return any(word in str(error.orig) for word in ("unable to open", "disk", "readonly", "locked", "full"))
    return error.connection_invalidated or bool(code and code.startswith(AWAY)) or _never_connected(error, code)


def _never_connected(error: DBAPIError, code: str | None) -> bool:
    return isinstance(error, OperationalError) and code is None


def _insert(dialect: str, table: Table) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


@cache
def _insert_new(dialect: str, table: Table) -> Any:
    """Built once: each event heard and each key claimed needs it."""
    return _insert(dialect, table).on_conflict_do_nothing()
