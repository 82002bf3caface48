"""A PostgreSQL server that no longer answers, and has not closed its connections: frozen, or its machine is gone."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.kernel.database import Database, is_away
from tests.conftest import until
from tests.kernel.wire import Wire, wire_to
from tests.servers import fresh_databases

NOTICED = 15.0  # seconds that a busy machine may need for what normally takes four


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a new database."""
    with fresh_databases("orders") as urls:
        yield urls["ORDERS_DATABASE_URL"]


@pytest.fixture
def wire(url: str) -> Iterator[Wire]:
    """A wire between the tests and the server."""
    server = make_url(url)
    assert server.host and server.port
    with wire_to(server.host, server.port) as wire:
        yield wire


@pytest.fixture
def database(url: str, wire: Wire) -> Iterator[Database]:
    """The database at the other end of the wire, with one connection in the pool of each engine."""
    opened = Database(make_url(url).set(port=wire.port).render_as_string(hide_password=False))
    with opened.begin() as connection:
        connection.execute(text("CREATE TABLE notes (note VARCHAR)"))
    assert notes(opened) == []
    yield opened
    wire.alive.set()
    opened.close()


def notes(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT note FROM notes ORDER BY note")).scalars())


def write(database: Database, record: str) -> None:
    """Insert a row in a transaction."""
    with database.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES (:note)"), {"note": record})


def is_written(database: Database, record: str) -> bool:
    """Whether the row was committed."""
    try:
        write(database, record)
    except DBAPIError as error:
        assert is_away(error)
        return False
    return True


def overwrite(database: Database, record: str) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE notes SET note = :note"), {"note": record})


def test_nobody_waits_for_it_for_ever(database: Database, wire: Wire) -> None:
    wire.alive.clear()

    with ThreadPoolExecutor(8) as customers:
        reading = [customers.submit(notes, database) for _ in range(4)]
        writing = [customers.submit(write, database, "lost") for _ in range(4)]
        failures = [each.exception(timeout=NOTICED) for each in reading]
        failures += [each.exception(timeout=NOTICED) for each in writing]

    assert all(failure and is_away(failure) for failure in failures), failures


def test_later_callers_are_refused_without_waiting(database: Database, wire: Wire) -> None:
    wire.alive.clear()
    with pytest.raises(DBAPIError):
        notes(database)

    began = time.monotonic()
    for _ in range(200):
        with pytest.raises(DBAPIError, match="does not answer"):
            notes(database)

    assert time.monotonic() - began < NOTICED, "otherwise each would have waited for more than a second"


def test_it_is_used_again_when_it_answers(database: Database, wire: Wire) -> None:
    wire.alive.clear()
    with pytest.raises(DBAPIError):
        notes(database)
    wire.alive.set()

    until(lambda: is_written(database, "here again"), "a note is taken", NOTICED)

    assert notes(database) == ["here again"]


def test_a_transaction_that_lost_its_server_has_done_nothing(database: Database, wire: Wire) -> None:
    with pytest.raises(DBAPIError) as away, database.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES ('lost')"))
        wire.alive.clear()
        connection.execute(text("INSERT INTO notes VALUES ('also lost')"))

    assert is_away(away.value)
    wire.alive.set()
    until(lambda: is_written(database, "kept"), "a note is taken", NOTICED)
    assert notes(database) == ["kept"]


def test_a_statement_that_takes_long_may_take_long(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(text("SELECT 7 FROM pg_sleep(3)")).scalar_one() == 7


def test_a_transaction_that_waits_for_a_lock_is_not_ended_as_idle(database: Database) -> None:
    write(database, "one")
    waiting = threading.Thread(target=overwrite, args=(database, "three"))

    with database.begin() as connection:
        connection.execute(text("UPDATE notes SET note = 'two'"))
        waiting.start()
        connection.execute(text("SELECT pg_sleep(2.5)"))
    waiting.join(NOTICED)

    assert notes(database) == ["three"]


def test_a_server_that_refuses_counts_as_answering(url: str) -> None:
    stranger = Database(make_url(url).set(password="guessed").render_as_string(hide_password=False))

    for _ in range(3):
        with pytest.raises(DBAPIError, match="authentication failed"):
            stranger.check()

    stranger.close()
