"""The SQLite file: every API object as a JSON document, and every change in a transaction."""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .refusals import Record

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    created INTEGER NOT NULL,
    intent TEXT,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (object, seq);
CREATE INDEX IF NOT EXISTS objects_of_intent ON objects (intent, object);
CREATE TABLE IF NOT EXISTS metadata (
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key, value, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_by_age ON answers (created);
CREATE TABLE IF NOT EXISTS deliveries (
    event TEXT PRIMARY KEY,
    wanted INTEGER NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    held_for TEXT,
    last_answer TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS later (id TEXT PRIMARY KEY, what TEXT NOT NULL, due REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE delivered < wanted;
"""


class Rows:
    """What one transaction can read and write."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.run = connection.execute

    def find(self, kind: str, identity: str) -> Record | None:
        """Return the current object if there is one of that kind."""
        row = self.run("SELECT body FROM objects WHERE id = ? AND object = ?", (identity, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def add(self, record: Record, intent: str | None = None) -> None:
        """Insert a new object and the intent that it belongs to."""
        values = (record["id"], record["object"], record["created"], intent, json.dumps(record))
        self.run("INSERT INTO objects (id, object, created, intent, body) VALUES (?, ?, ?, ?, ?)", values)

    def save(self, record: Record) -> None:
        """Update an existing object."""
        self.run("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(record), record["id"]))

    def index_metadata(self, record: Record) -> None:
        """Make the object searchable by its current metadata."""
        self.run("DELETE FROM metadata WHERE id = ?", (record["id"],))
        for key, value in record["metadata"].items():
            self.run("INSERT INTO metadata (id, key, value) VALUES (?, ?, ?)", (record["id"], key, value))

    def forget(self) -> int:
        """Delete all rows of all tables; returns how many."""
        tables = ("objects", "metadata", "answers", "deliveries", "later")
        return sum(self.run(f"DELETE FROM {table}").rowcount for table in tables)


class Store:
    """One connection and one lock: transactions run one after the other."""

    def __init__(self, path: str) -> None:
        _make_private(Path(path))
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        # Locked while this process lives: two sandboxes on one file would deliver every webhook twice.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Without fsync a killed process loses nothing; only a power failure could.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        """Run a transaction, which commits whole or not at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Merge the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.close()


def _make_private(path: Path) -> None:
    """Make the file readable for its owner only; SQLite creates the files beside it with the same permissions. Raises
    OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if file.exists() and file.stat().st_uid == os.geteuid():
                file.chmod(file.stat().st_mode & 0o700)
