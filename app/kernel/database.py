"""The database of one module: two engines, transactions, and what the errors of SQLite and PostgreSQL mean.

SQLite: WAL, one lock per file around write transactions (SQLite's own waiting is unfair: p99 475 ms against 19 ms
under load) and BEGIN IMMEDIATE (a deferred transaction that has read fails at once when it needs to write).
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, String
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from app.kernel.crash import crash_point
from app.kernel.deadline import ended_after
from app.kernel.engines import engines
from app.kernel.errors import Stale
from app.kernel.listeners import Listeners, Notification
from app.kernel.prepared import asks_to_prepare_anew

log = logging.getLogger(__name__)

AGAIN = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout: repeat at once
ON_COMMIT = ("notifications", "changes", "counts", "counts_at")  # in the `info` of a connection, of one transaction
AWAY = ("08", "57")  # connection exceptions, operator intervention (shutdown, crash)


class UtcDateTime(TypeDecorator[datetime]):
    """A time, always with its zone. SQLite does not store the zone, so UTC is added when reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a time without a zone, rather than guess one."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Name(TypeDecorator[StrEnum]):
    """A member of a StrEnum, stored as text."""

    impl = String(20)
    cache_ok = True

    def __init__(self, names: type[StrEnum]) -> None:
        super().__init__()
        self.names = names

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return str(value) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return self.names(value) if value is not None else None


class Database:
    """The database of one module, opened at first use (never before a fork)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.reads, self._writes = engines(url, self.is_sqlite)
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()
        self.listeners = Listeners()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open one write transaction. Raises Stale when the database requires that it is repeated."""
        try:
            with self._turn, self._writes.connect() as connection:
                transaction = connection.begin()
                try:
                    yield connection
                except BaseException:
                    if not connection.invalidated:  # otherwise the server is gone, and `info` would raise another error
                        for name in ON_COMMIT:
                            connection.info.pop(name, None)
                    if transaction.is_active:  # a session whose flush failed has already rolled back
                        transaction.rollback()
                    raise
                notifications: set[Notification] = connection.info.pop("notifications", set())
                changes: set[str] = connection.info.pop("changes", set())
                counts: list[Callable[[], None]] = connection.info.pop("counts", [])
                connection.info.pop("counts_at", None)
                if notifications or changes:
                    crash_point("before_commit")
                transaction.commit()
        except DBAPIError as error:
            if asks_to_repeat(error):
                raise Stale(str(error.orig)) from error
            raise
        if notifications or changes:
            crash_point("after_commit")
            self.listeners.notify(notifications)
            self.listeners.notify_of_changes(changes, of_this_process=True)
        for count in counts:
            count()

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """Open a connection for changes of one statement each: its own transaction, without BEGIN and COMMIT.

        PostgreSQL is asked once instead of three times. Nothing is notified of such a change. Raises Stale as `begin`
        does.
        """
        try:
            with self._turn, self.reads.connect() as connection:
                yield connection.execution_options(changes_at_once=True)
        except DBAPIError as error:
            if asks_to_repeat(error):
                raise Stale(str(error.orig)) from error
            raise

    @contextmanager
    def step_by_step(self) -> Iterator[Connection]:
        """Open a write connection without a transaction, for what needs several transactions, or none.

        Raises Stale as `begin` does.
        """
        try:
            with self._turn, self._writes.connect() as connection:
                yield connection
        except DBAPIError as error:
            if asks_to_repeat(error):
                raise Stale(str(error.orig)) from error
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read connection on autocommit: each statement is its own transaction.

        Raises Stale when a statement that was prepared is gone: the caller repeats its reading.
        """
        try:
            with self.reads.connect() as connection:
                yield connection
        except DBAPIError as error:
            if asks_to_prepare_anew(error.orig):
                raise Stale(str(error.orig)) from error
            raise

    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        """Open a read connection on which the database ends slow statements. Raises TooSlow for one that it ended."""
        with self.reads.connect() as connection, ended_after(connection, seconds):
            yield connection

    @contextmanager
    def begin_session(self) -> Iterator[tuple[Connection, Session]]:
        """Open one write transaction with an ORM session. Raises Stale when another transaction wrote first."""
        with self.begin() as connection, Session(bind=connection, expire_on_commit=False) as session:
            try:
                yield connection, session
                session.flush()
            except StaleDataError as error:
                raise Stale(str(error)) from error

    @contextmanager
    def read_session(self) -> Iterator[tuple[Connection, Session]]:
        """Open a read connection with an ORM session that writes nothing."""
        with self.read() as connection, Session(bind=connection, autoflush=False) as session:
            yield connection, session

    @property
    def has_one_writer(self) -> bool:
        """Whether write transactions run one after the other, so that none waits for a row of another."""
        return self.is_sqlite

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """The engine for reads and the one for writes."""
        return self.reads, self._writes

    def check(self) -> None:
        """Raise if the database does not answer."""
        with self.read() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Close every pooled connection."""
        self.reads.dispose()
        self._writes.dispose()


def notify_on_commit(connection: Connection, kind: Notification) -> None:
    """Notify the listeners of this database once this transaction has committed."""
    connection.info.setdefault("notifications", set()).add(kind)


def notify_of_change(connection: Connection, key: str) -> None:
    """Notify the requests that wait for a change of this key once this transaction has committed."""
    connection.info.setdefault("changes", set()).add(key)


def count_once_committed(connection: Connection, count: Callable[[], None]) -> None:
    """Call `count` once this transaction has committed, and not if it rolls back."""
    connection.info.setdefault("counts", []).append(count)


def asks_to_repeat(error: DBAPIError) -> bool:
    """Whether the transaction must be repeated: deadlock, serialization failure, lock timeout, SQLITE_BUSY, or a
    prepared statement that is gone.
    """
    if isinstance(error.orig, sqlite3.OperationalError):
        return "locked" in str(error.orig) or "busy" in str(error.orig)
    return getattr(error.orig, "pgcode", None) in AGAIN or asks_to_prepare_anew(error.orig)


def is_away(error: BaseException) -> bool:
    """Whether the database or the disk is unavailable, as opposed to an error of our statement."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, ConnectionError)
    code = getattr(error.orig, "pgcode", None)
    if isinstance(error.orig, sqlite3.OperationalError):
        return any(word in str(error.orig) for word in ("unable to open", "disk", "readonly", "locked", "full"))
    return error.connection_invalidated or bool(code and code.startswith(AWAY)) or _never_connected(error, code)


def _never_connected(error: DBAPIError, code: str | None) -> bool:
    return isinstance(error, OperationalError) and code is None
