"""No request fails because PostgreSQL was restarted, or closed our connections while they were idle."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from app.kernel.database import Database, is_away
from tests.servers import control, fresh_databases

CLOSE_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = :name"
)


@pytest.fixture
def database() -> Iterator[Database]:
    """A database with three connections in the pool of each engine."""
    with fresh_databases("orders") as urls:
        opened = Database(urls["ORDERS_DATABASE_URL"])
        with opened.begin() as connection:
            connection.execute(text("CREATE TABLE notes (note VARCHAR)"))
        _use_several(opened)
        yield opened
        opened.close()


def _use_several(database: Database) -> None:
    with ExitStack() as several:
        for _ in range(3):
            several.enter_context(database.read()).execute(text("SELECT 1"))
            several.enter_context(database.begin()).execute(text("SELECT 1"))


def close_all(database: Database) -> None:
    """End the connections, as an operator or a stopping server does; returns when they have ended."""
    outside = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(CLOSE_OTHERS), {"name": database.reads.url.database})
    outside.dispose()


def notes(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT note FROM notes ORDER BY note")).scalars())


def test_connections_that_died_idle_are_replaced_before_they_are_used(database: Database) -> None:
    close_all(database)

    for n in range(3):
        with database.begin() as connection:
            connection.execute(text("INSERT INTO notes VALUES (:n)"), {"n": str(n)})
        assert len(notes(database)) == n + 1


def test_nothing_is_repeated_inside_a_transaction(database: Database) -> None:
    with pytest.raises(DBAPIError) as died, database.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES ('lost')"))
        close_all(database)
        connection.execute(text("INSERT INTO notes VALUES ('also lost')"))

    assert is_away(died.value)
    assert notes(database) == []


def test_a_good_connection_is_used_again(database: Database) -> None:
    def backend() -> int:
        with database.read() as connection:
            return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())

    first = {backend() for _ in range(10)}

    assert {backend() for _ in range(10)} == first


@pytest.mark.alone
def test_a_server_that_died_and_is_back_is_used_at_once(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(text("INSERT INTO notes VALUES ('kept')"))

    control("kill", "orders-db")
    with pytest.raises(DBAPIError) as away:
        notes(database)
    control("up", "orders-db")

    assert is_away(away.value)
    assert notes(database) == ["kept"]
