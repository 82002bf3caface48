"""Statements that may take only so long: the database ends them, so that it is free for others."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

ENDED = "57014"  # PostgreSQL's query_canceled
STEPS = 10_000  # of SQLite's machine between looks at the clock: a millisecond at most


class TooSlow(Exception):
    """A statement was ended because it took too long."""


@contextmanager
def ended_after(connection: Connection, seconds: float) -> Iterator[None]:
    """Have statements on this connection ended after so long; on PostgreSQL each, on SQLite all together.

    Raises TooSlow for one that was.
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
        # one round trip more: as a setting of the session it would outlive us in a pool of connections between
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
    """The time may be up only now: then what was answered counts, and nobody else is given this connection."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError as error:
        connection.invalidate(error)


def _was_ended(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return "interrupted" in str(error.orig)
    return getattr(error.orig, "pgcode", None) == ENDED
