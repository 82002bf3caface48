"""Time limits for statements: the database ends a slow statement, so that it is free for others."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

ENDED = "57014"  # PostgreSQL's query_canceled
STEPS = 10_000  # instructions of SQLite's virtual machine between two checks of the time: a millisecond at most


class TooSlow(Exception):
    """A statement was ended because it took too long."""


@contextmanager
def ended_after(connection: Connection, seconds: float) -> Iterator[None]:
    """Limit the time of statements on this connection: of each on PostgreSQL, of all together on SQLite.

    Raises TooSlow for a statement that the database ended.
    """
    try:
        with _watched(connection, seconds):
            yield
    except DBAPIError as error:
        if _was_ended(error):
            raise TooSlow(f"a statement took longer than {seconds} s") from error
        raise


@contextmanager
def _watched(connection: Connection, seconds: float) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        # SET LOCAL costs one more round trip; a setting of the session would stay in a pooler's connection after us
        try:
            connection.exec_driver_sql(f"BEGIN; SET LOCAL statement_timeout = {int(seconds * 1000)}")
            yield
        finally:
            if not connection.invalidated:
                _roll_back(connection)
        return
    driver: Any = connection.connection.driver_connection
    until = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def _roll_back(connection: Connection) -> None:
    """Roll back. If that fails, as the time is over only now, the results so far are valid, and the connection is
    discarded.
    """
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError as error:
        connection.invalidate(error)


def _was_ended(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "interrupted" in str(error.orig)
    return getattr(error.orig, "pgcode", None) == ENDED
