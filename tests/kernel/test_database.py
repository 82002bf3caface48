"""The database of a module: transactions, copies that only move forward, and kinds of errors."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.kernel.database import (
    Database,
    Name,
    UtcDateTime,
    asks_to_repeat,
    is_away,
    notify_on_commit,
)
from app.kernel.errors import Stale
from app.kernel.inserts import forward, insert_if_absent, upsert

metadata = MetaData()


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Base(DeclarativeBase):
    metadata = metadata


class Mug(Base):
    """A row with a version, as in the catalog."""

    __tablename__ = "mugs"
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    price: Mapped[int]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


copies = Table(
    "copies",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("price", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)
times = Table(
    "times", metadata, Column("id", Integer, primary_key=True), Column("at", UtcDateTime), Column("c", Name(Colour))
)


@pytest.fixture(autouse=True)
def tables(database: Database) -> Iterator[None]:
    with database.begin() as connection:
        metadata.create_all(connection)
    yield


def rows(database: Database, table: Table = copies) -> list[tuple[object, ...]]:
    """All rows without their revisions, in the order of the key."""
    shown = [column for column in table.columns if column.name != "revision"]
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*shown).order_by(*table.primary_key.columns))]


def mug(price: int, version: int = 1, revision: int = 0) -> dict[str, object]:
    return {"name": "mug", "price": price, "version": version, "revision": revision}


def test_a_transaction_commits_when_its_block_ends_well(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(insert(copies), mug(100))
        assert rows(database) == [], "other transactions see nothing before the commit"

    assert rows(database) == [("mug", 100, 1)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_transaction_that_raises_leaves_nothing(database: Database, error: type[BaseException]) -> None:
    with pytest.raises(error), database.begin() as connection:
        connection.execute(insert(copies), mug(100))
        raise error

    assert rows(database) == []
    with database.begin() as connection:
        connection.execute(insert(copies), mug(200))
    assert rows(database) == [("mug", 200, 1)]


def test_a_statement_that_fails_undoes_those_before_it(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as connection:
        connection.execute(insert(copies), mug(100))
        connection.execute(insert(copies), mug(200))

    assert rows(database) == []


def test_listeners_are_notified_only_of_what_was_committed(database: Database) -> None:
    reported: list[str] = []
    database.listeners.on_notification(lambda: reported.append("first"))
    database.listeners.on_notification(lambda: reported.append("second"))

    with database.begin() as connection:
        connection.execute(insert(copies), mug(100))
    with pytest.raises(ValueError, match="no"), database.begin() as connection:
        notify_on_commit(connection, "job")
        raise ValueError("no")
    assert reported == []
    with database.begin() as connection:
        assert connection.execute(select(copies)).all(), "the connection of the failed one, used again"
    assert reported == []

    with database.begin() as connection:
        notify_on_commit(connection, "job")
        assert reported == []
    assert reported == ["first", "second"]


def test_a_row_is_inserted_only_when_its_key_is_free(database: Database) -> None:
    with database.begin() as connection:
        assert insert_if_absent(connection, copies, mug(100)) is True
        assert insert_if_absent(connection, copies, mug(200)) is False
        connection.execute(insert(copies), {"name": "cup", "price": 1, "version": 1})

    assert rows(database) == [("cup", 1, 1), ("mug", 100, 1)]


@pytest.mark.parametrize(("price", "inserted"), [(1, False), (2, True)])
def test_a_row_is_inserted_unless_a_query_finds_one(database: Database, price: int, inserted: bool) -> None:
    cheap = select(copies.c.name).where(copies.c.price < bindparam("limit"))
    with database.begin() as connection:
        connection.execute(insert(copies), {"name": "cup", "price": price, "version": 1, "revision": 0})

    with database.begin() as connection:
        assert insert_if_absent(connection, copies, mug(100) | {"revision": 0, "limit": 2}, unless=cheap) is inserted
        assert insert_if_absent(connection, copies, mug(100) | {"revision": 0, "limit": 2}, unless=cheap) is False

    assert len(rows(database)) == 1 + inserted


def test_an_upsert_inserts_or_makes_the_changes(database: Database) -> None:
    with database.begin() as connection:
        upsert(connection, copies, "name", mug(100), ["price"])
    assert rows(database) == [("mug", 100, 1)]

    with database.begin() as connection:
        upsert(connection, copies, "name", mug(200, 9), ["price"], counter="version")
    assert rows(database) == [("mug", 200, 2)]


@pytest.mark.parametrize(
    ("arriving", "stored"),
    [([1, 2, 3], 3), ([3, 2, 1], 3), ([2, 2], 2), ([1, 3, 2], 3), ([1, 1, 1], 1), ([5], 5)],
)
def test_a_copy_only_moves_forward(database: Database, arriving: list[int], stored: int) -> None:
    moved = []
    for version in arriving:
        with database.begin() as connection:
            moved.append(forward(connection, copies, "name", mug(100 * version, version)))

    assert rows(database) == [("mug", 100 * stored, stored)]
    assert moved == [version > max([0, *arriving[:n]]) for n, version in enumerate(arriving)]


def test_the_first_of_two_copies_with_the_same_version_stays(database: Database) -> None:
    with database.begin() as connection:
        assert forward(connection, copies, "name", mug(100, 7))
        assert not forward(connection, copies, "name", mug(200, 7))

    assert rows(database) == [("mug", 100, 7)]


def test_a_copy_is_taken_again_with_a_later_revision_but_no_older_version(database: Database) -> None:
    with database.begin() as connection:
        assert forward(connection, copies, "name", mug(100, 7))
        assert forward(connection, copies, "name", mug(200, 7, revision=1))
        assert not forward(connection, copies, "name", mug(300, 7))
        assert not forward(connection, copies, "name", mug(300, 6, revision=2))
        assert forward(connection, copies, "name", mug(400, 8))

    assert rows(database) == [("mug", 400, 8)]


def test_a_time_comes_back_with_its_zone_and_as_the_same_moment(database: Database) -> None:
    written = datetime(2026, 1, 31, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.begin() as connection:
        connection.execute(insert(times), {"id": 1, "at": written, "c": Colour.BLUE})
        connection.execute(insert(times), {"id": 2, "at": None, "c": None})
        connection.execute(insert(times), {"id": 3, "at": written + timedelta(hours=1), "c": Colour.RED})

    (_, read, colour), nothing, _ = rows(database, times)

    assert read == written
    assert isinstance(read, datetime)
    assert read.utcoffset() == timedelta(0)
    assert colour is Colour.BLUE
    assert nothing == (2, None, None)
    with database.read() as connection:
        later = select(times.c.id).where(times.c.at > datetime(2026, 1, 31, 0, 0, tzinfo=UTC))
        assert connection.execute(later).scalars().all() == [3], "compared as times, not as text"


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="has no time zone"), database.begin() as connection:
        connection.execute(insert(times), {"id": 1, "at": datetime(2026, 1, 31)})

    assert rows(database, times) == []


def test_a_session_writes_what_it_was_given_when_the_block_ends(database: Database) -> None:
    with database.begin_session() as (_, session):
        session.add(Mug(name="mug", price=100))

    with database.read_session() as (_, session):
        found = session.get(Mug, "mug")
        assert found is not None
        assert (found.price, found.version) == (100, 1)


def test_of_two_transactions_that_change_one_row_one_has_to_repeat(database: Database) -> None:
    with database.begin_session() as (_, session):
        session.add(Mug(name="mug", price=100))
    with database.read_session() as (_, session):
        seen = session.get(Mug, "mug")
    with database.begin_session() as (_, session):
        first = session.get(Mug, "mug")
        assert first is not None
        first.price = 200

    with pytest.raises(Stale), database.begin_session() as (_, session):
        assert seen is not None
        session.add(seen)
        seen.price = 300

    with database.read() as connection:
        assert connection.execute(text("SELECT price, version FROM mugs")).all() == [(200, 2)]


def test_reading_opens_no_transaction_that_others_wait_for(database: Database) -> None:
    with database.read() as reader:
        assert reader.execute(select(copies)).all() == []
        with database.begin() as connection:
            connection.execute(insert(copies), mug(100))
        assert len(reader.execute(select(copies)).all()) == 1, "each statement sees what is committed at its start"


def failure(database: Database, statement: str) -> DBAPIError:
    """The error with which this statement fails."""
    with pytest.raises(DBAPIError) as failed, database.begin() as connection:
        connection.execute(text(statement))
    return failed.value


@pytest.mark.parametrize("statement", ["SELECT * FROM nowhere", "SELEKT 1", "INSERT INTO copies (name) VALUES ('a')"])
def test_a_wrong_statement_is_neither_a_race_nor_an_absence(database: Database, statement: str) -> None:
    error = failure(database, statement)

    assert not asks_to_repeat(error)
    assert not is_away(error)


def test_errors_do_not_show_what_was_written(database: Database) -> None:
    with pytest.raises(IntegrityError) as failed, database.begin() as connection:
        twice(connection, "ann@example.com")

    assert "ann@example.com" not in str(failed.value).split("DETAIL")[0]


def twice(connection: Connection, name: str) -> None:
    """Insert the same row twice."""
    for _ in range(2):
        connection.execute(insert(copies), {"name": name, "price": 1, "version": 1})


def test_the_check_passes_and_closing_can_be_undone_by_use(database: Database) -> None:
    database.check()
    database.close()
    database.check()
