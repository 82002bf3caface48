"""Connections to a database: two engines each, one for reads and one for writes."""

import select
import sqlite3
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError

from app.kernel.prepared import prepare_on, without_option
from app.kernel.private import keep_private
from app.kernel.silence import Server

CONNECTION = {
    "options": "-c idle_in_transaction_session_timeout=10000 -c lock_timeout=5000 -c TimeZone=UTC",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 10000,
}

SQLITE_TIMEOUT = 5.0  # seconds


def engines(url: str, is_sqlite: bool) -> tuple[Engine, Engine]:
    """An engine for reads, on autocommit, and one for write transactions."""
    reads, writes = _sqlite(url) if is_sqlite else _postgresql(url)
    event.listen(writes, "savepoint", _begin_counts)
    event.listen(writes, "release_savepoint", _keep_counts)
    event.listen(writes, "rollback_savepoint", _forget_counts)
    return reads, writes


def _postgresql(url: str) -> tuple[Engine, Engine]:
    options: dict[str, Any] = {
        "pool_size": 5,
        "max_overflow": 15,
        "hide_parameters": True,  # errors are logged, and parameters can be names and password hashes
    }
    where = without_option(make_url(url))
    reads, writes = create_engine(where, isolation_level="AUTOCOMMIT", **options), create_engine(where, **options)
    server = Server({**reads.dialect.create_connect_args(reads.url)[1], **CONNECTION})
    for engine in (reads, writes):
        prepare_on(engine, make_url(url))
        event.listen(engine, "do_connect", lambda *_: server.connect())
        event.listen(engine, "checkout", partial(_refuse_the_dead, server))
    return reads, writes


def _sqlite(url: str) -> tuple[Engine, Engine]:
    file = Path(make_url(url).database or "")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    options: dict[str, Any] = {
        "connect_args": {"timeout": SQLITE_TIMEOUT, "check_same_thread": False},
        "pool_size": 20,
        "max_overflow": 20,
        "hide_parameters": True,
    }
    reads, writes = create_engine(url, **options), create_engine(url, **options)
    for engine in (reads, writes):
        event.listen(engine, "do_connect", lambda *_: _keep_private(file))
        event.listen(engine, "connect", _open_sqlite)
    event.listen(writes, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return reads, writes


def switch_to_wal(connection: sqlite3.Connection) -> None:
    """Keep the changes in a write-ahead log beside the file, so that readers and a writer go together. Raises
    sqlite3.OperationalError if the file stays locked for SQLITE_TIMEOUT.

    Only the first connection to a new file switches. SQLite refuses the others of that moment at once, without its own
    timeout, as each of them holds a read lock.
    """
    end = time.monotonic() + SQLITE_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.002)


def _refuse_the_dead(server: Server, connection: Any, _record: object, _proxy: object) -> None:
    """Check a pooled connection before use: if the server closed it while it was idle, there is something to read.

    Polling the socket costs 3 µs, where a ping of the server costs 21. No statement of a caller is run twice.
    """
    server.must_answer()
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise InvalidatePoolError


def _keep_private(file: Path) -> None:
    with suppress(OSError):  # SQLite then raises its own error when it opens the file, which callers handle
        keep_private(file)


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; we send ours
    switch_to_wal(connection)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_counts(connection: Connection, _name: object) -> None:
    connection.info.setdefault("counts_at", []).append(len(connection.info.get("counts", ())))


def _keep_counts(connection: Connection, _name: object, _context: object) -> None:
    connection.info["counts_at"].pop()


def _forget_counts(connection: Connection, _name: object, _context: object) -> None:
    """Drop the counts made since a savepoint that is rolled back, even if the outer transaction commits."""
    if upto := connection.info.get("counts_at"):  # empty: the whole transaction is being rolled back
        del connection.info.get("counts", [])[upto.pop() :]
