"""A database that is locked by another process, full, gone, or killed during a write. Nothing is half-written."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.kernel.database import Database, asks_to_repeat, is_away
from app.kernel.errors import Stale
from tests.conftest import ROOT, until

WRITER = """
import sys, sqlalchemy
from app.kernel.database import Database

with Database(sys.argv[1]).begin() as connection:
    connection.execute(sqlalchemy.text("UPDATE stock SET held = held + 100 WHERE sku = 'mug'"))
    print("written", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def stock(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE stock (sku VARCHAR(20) PRIMARY KEY, held INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO stock VALUES ('mug', 0), ('cup', 0)"))


def hold(connection: Connection, sku: str, more: int) -> None:
    connection.execute(text("UPDATE stock SET held = held + :more WHERE sku = :sku"), {"sku": sku, "more": more})


def held(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {row.sku: row.held for row in connection.execute(text("SELECT sku, held FROM stock"))}


@contextmanager
def rival(database: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process within a transaction that has changed the mugs; it commits after a line on its input."""
    command = [sys.executable, "-c", WRITER, database.url]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline() == "written\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=60)
        process.stdin.close()
        process.stdout.close()


def lets_go(process: subprocess.Popen[str]) -> None:
    """Let the process commit and end."""
    assert process.stdin
    process.stdin.write("go on\n")
    process.stdin.flush()


def test_a_write_waits_for_another_process_and_then_succeeds(database: Database) -> None:
    waiting = threading.Event()

    def write() -> None:
        waiting.set()
        with database.begin() as connection:
            connection.execute(
                text("SELECT held FROM stock")
            ).all()  # a transaction that has only read so far may still write
            hold(connection, "mug", 1)

    writer = threading.Thread(target=write)
    with rival(database) as process:
        writer.start()
        waiting.wait(10)
        assert held(database) == {"mug": 0, "cup": 0}, "reads continue, and see nothing half-written"
        lets_go(process)
        process.wait(timeout=60)
        writer.join(timeout=60)

    assert held(database) == {"mug": 101, "cup": 0}


@pytest.mark.slow  # five seconds, which is how long a write waits
def test_a_write_that_waits_too_long_is_to_be_repeated_and_has_written_nothing(database: Database) -> None:
    with rival(database) as process:
        with pytest.raises(Stale), database.begin() as connection:
            hold(connection, "cup", 5)
            hold(connection, "mug", 5)
        assert held(database) == {"mug": 0, "cup": 0}
        lets_go(process)
        process.wait(timeout=60)

    with database.begin() as connection:
        hold(connection, "mug", 1)
    assert held(database) == {"mug": 101, "cup": 0}


def test_a_process_killed_in_the_middle_leaves_nothing_and_locks_nothing(database: Database) -> None:
    with rival(database) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)

    with database.begin() as connection:
        hold(connection, "mug", 1)
    assert held(database) == {"mug": 1, "cup": 0}


def test_threads_that_read_and_then_write_lose_no_update(database: Database) -> None:
    lock = "" if database.is_sqlite else " FOR UPDATE"

    def count() -> None:
        for _ in range(25):
            with database.begin() as connection:
                now = connection.execute(text(f"SELECT held FROM stock WHERE sku = 'mug'{lock}")).scalar_one()
                connection.execute(text("UPDATE stock SET held = :now WHERE sku = 'mug'"), {"now": now + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert held(database)["mug"] == 200


def test_writers_of_two_files_do_not_wait_for_each_other(database: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")

    with database.begin() as connection, other.begin() as there:
        hold(connection, "mug", 1)
        there.execute(text("CREATE TABLE t (x INTEGER)"))

    other.close()
    assert held(database)["mug"] == 1


def test_writers_on_one_file_take_turns(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL locks rows")
    inside: list[int] = []
    maximum: list[int] = []

    def write() -> None:
        with database.begin() as connection:
            inside.append(1)
            maximum.append(len(inside))
            hold(connection, "mug", 1)
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(maximum) == 1
    assert held(database)["mug"] == 16


def test_a_full_disk_counts_as_away_and_nothing_is_half_written(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("only SQLite can be given a limit of pages")

    with pytest.raises(DBAPIError) as failed, database.begin() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
        hold(connection, "mug", 1)
        connection.execute(text("CREATE TABLE big (x BLOB)"))
        connection.execute(text("INSERT INTO big VALUES (zeroblob(10000000))"))

    assert is_away(failed.value)
    assert not asks_to_repeat(failed.value)
    assert held(database) == {"mug": 0, "cup": 0}


def test_one_of_two_transactions_in_a_deadlock_has_to_repeat(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("an SQLite file has one writer at a time")
    both = threading.Barrier(2)
    reported: list[str] = []

    def swap(first: str, second: str) -> None:
        try:
            with database.begin() as connection:
                hold(connection, first, 1)
                both.wait(10)
                hold(connection, second, 1)
        except Stale:
            reported.append(first)

    threads = [threading.Thread(target=swap, args=skus) for skus in (("mug", "cup"), ("cup", "mug"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reported) == 1
    assert held(database) == {"mug": 1, "cup": 1}, "one transaction has made both changes, the other neither"


def test_a_connection_that_the_server_ended_is_away_and_the_next_one_is_good(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no server")

    with pytest.raises(DBAPIError) as failed, database.begin() as connection:
        hold(connection, "mug", 1)
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
        hold(connection, "cup", 1)

    assert is_away(failed.value)
    with database.begin() as connection:
        hold(connection, "mug", 7)
    assert held(database) == {"mug": 7, "cup": 0}


def test_sqlite_keeps_a_log_beside_the_file_so_that_readers_and_a_writer_go_together(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only")

    with database.read() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


@pytest.mark.parametrize(
    "nowhere", ["sqlite:///{}/folder/is/a/file.sqlite", "postgresql+psycopg2://nobody:x@127.0.0.1:1/nothing"]
)
def test_a_database_that_is_not_there_is_away(nowhere: str, tmp_path: Path, database: Database) -> None:
    absent = Database(nowhere.format(tmp_path))
    if absent.is_sqlite:
        (tmp_path / "folder/is/a/file.sqlite").mkdir()

    with pytest.raises(DBAPIError) as failed:
        absent.check()
    absent.close()

    assert is_away(failed.value)
    assert not asks_to_repeat(failed.value)
    until(lambda: held(database) == {"mug": 0, "cup": 0}, "others are well")


def test_other_errors_say_nothing_of_the_database() -> None:
    assert is_away(ConnectionRefusedError())
    assert not is_away(ValueError("disk"))
    assert not is_away(Stale("locked"))
