"""The file of the search index: opened as often as threads ask at once, made anew when it is lost or broken."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILT = 1  # user_version of a file that holds everything; raise it with the schema, and the file is built anew
SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, on_sale INTEGER NOT NULL,
    slug TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, category TEXT,
    price INTEGER NOT NULL, currency TEXT NOT NULL, in_stock INTEGER NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS by_price ON products (price, id) WHERE on_sale;
CREATE INDEX IF NOT EXISTS by_age ON products (created_at, id) WHERE on_sale;
CREATE INDEX IF NOT EXISTS by_name ON products (folded, id) WHERE on_sale;
CREATE INDEX IF NOT EXISTS by_category ON products (category) WHERE on_sale;
CREATE TABLE IF NOT EXISTS attributes (
    name TEXT, value TEXT, number INTEGER, PRIMARY KEY (name, value, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS of_product ON attributes (number);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    name, description, attributes, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3");
"""


class SearchFile:
    """Hands out connections to one SQLite file. One that was deleted under us, or is from before a fork, is let go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._opened: tuple[int, int] | None = None  # process and inode that the idle ones belong to

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection, each statement by itself."""
        connection = self._take()
        try:
            yield connection
        except sqlite3.Error:
            connection.close()
            raise
        self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; others read what was there before."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def delete(self) -> None:
        """Away with a file that cannot be read."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close what nobody uses just now."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        if self._opened != self._is():
            self._idle, self._opened = [], None
        if self._idle:
            return self._idle.pop()
        connection = self._open()
        self._opened = self._is()
        return connection

    def _is(self) -> tuple[int, int]:
        try:
            return os.getpid(), self.path.stat().st_ino
        except FileNotFoundError:
            return os.getpid(), 0

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection
