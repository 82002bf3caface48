"""The SQLite file of the search index, with one connection for each thread that uses it at the same time."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kernel.engines import SQLITE_TIMEOUT, switch_to_wal
from app.kernel.private import keep_private
from app.modules.catalog.domain.words import EDITION

BUILT = EDITION  # user_version of a file that is complete and of the current edition; any other file is rebuilt
TABLES = ("words", "attributes", "sold", "products")
SCHEMA = (
    """CREATE TABLE IF NOT EXISTS products (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, on_sale INTEGER NOT NULL,
        slug TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, sort_key TEXT NOT NULL,
        length INTEGER NOT NULL, category TEXT, price INTEGER NOT NULL, currency TEXT NOT NULL,
        in_stock INTEGER NOT NULL, created_at TEXT NOT NULL, image TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS by_price ON products (price, id) WHERE on_sale",
    "CREATE INDEX IF NOT EXISTS by_age ON products (created_at, id) WHERE on_sale",
    "CREATE INDEX IF NOT EXISTS by_name ON products (sort_key, id) WHERE on_sale",
    "CREATE INDEX IF NOT EXISTS by_category ON products (category) WHERE on_sale",
    """CREATE TABLE IF NOT EXISTS sold (
        variant INTEGER PRIMARY KEY, number INTEGER NOT NULL, sku TEXT NOT NULL, price INTEGER NOT NULL,
        in_stock INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS of_product ON sold (number, price, in_stock)",
    """CREATE TABLE IF NOT EXISTS attributes (
        name TEXT, value TEXT, variant INTEGER, PRIMARY KEY (name, value, variant)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS of_variant ON attributes (variant)",
    # the text is cut into words and folded already: everything between two spaces is one word
    """CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (name, description, rest, wholes, prefix = "1 2 3",
        tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'")""",
)

Opened = tuple[int, int]
"""The id of the process that opened the file, and the file's inode."""


class SearchFile:
    """A pool of connections to one SQLite file. A connection to a file that was deleted, or from before a fork, is
    closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[tuple[Opened, sqlite3.Connection]] = []

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection without a transaction."""
        opened, connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.append((opened, connection))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in one transaction; until it commits, others read the state before it."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def is_writable(self) -> bool:
        """Whether the file can be written, and the folder in which SQLite creates the write-ahead log."""
        return os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)

    def delete(self) -> None:
        """Delete the file with its write-ahead log."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the idle connections."""
        while idle := self._idle_one():
            idle[1].close()

    def _take(self) -> tuple[Opened, sqlite3.Connection]:
        now = self._is()
        while idle := self._idle_one():
            if idle[0] == now:
                return idle
            idle[1].close()
        connection = self._open()
        return self._is(), connection

    def _idle_one(self) -> tuple[Opened, sqlite3.Connection] | None:
        try:
            return self._idle.pop()  # no check first: another thread may take the last one in between
        except IndexError:
            return None

    def _is(self) -> Opened:
        try:
            return os.getpid(), self.path.stat().st_ino
        except FileNotFoundError:
            return os.getpid(), 0

    def _open(self) -> sqlite3.Connection:
        keep_private(self.path)
        connection = sqlite3.connect(self.path, timeout=SQLITE_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            switch_to_wal(connection)
            connection.execute("PRAGMA synchronous=NORMAL")
            make_tables(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def make_tables(connection: sqlite3.Connection) -> None:
    """Create the tables that do not exist."""
    for statement in SCHEMA:
        connection.execute(statement)
