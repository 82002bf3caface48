"""Several connections that open a new SQLite file at the same moment: one of them switches it to a write-ahead log."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel import engines
from app.kernel.database import Database


def read(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database, database.read() as connection:
        connection.execute(text("SELECT 1"))


def write(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database, database.begin() as connection:
        connection.execute(text("CREATE TABLE mugs (sku TEXT)"))


@pytest.fixture
def rival(tmp_path: Path) -> sqlite3.Connection:
    """A connection that holds the lock that is needed for the switch."""
    rival = sqlite3.connect(tmp_path / "new.sqlite", isolation_level=None, check_same_thread=False)
    rival.execute("BEGIN IMMEDIATE")
    return rival


@pytest.mark.parametrize("use", [read, write])
def test_the_second_waits_for_the_first(use: Callable[[Path], None], tmp_path: Path, rival: sqlite3.Connection) -> None:
    end = threading.Timer(0.2, rival.execute, ["COMMIT"])
    end.start()
    use(tmp_path / "new.sqlite")
    end.join()

    assert rival.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    rival.close()


@pytest.mark.parametrize("use", [read, write])
def test_but_not_for_ever(
    use: Callable[[Path], None], tmp_path: Path, rival: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "SQLITE_TIMEOUT", 0.05)

    with pytest.raises(Exception, match="database is locked"):
        use(tmp_path / "new.sqlite")

    rival.execute("COMMIT")
    use(tmp_path / "new.sqlite")
    rival.close()
