"""Statements that the driver executes: values, rows and errors are those of SQLAlchemy, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from app.kernel.compiled import execute
from app.kernel.database import Database, Name, UtcDateTime, is_away
from app.kernel.inserts import insert_if_absent


class Colour(StrEnum):
    BLUE = "blue"


metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", Uuid, unique=True),
    Column("at", UtcDateTime),
    Column("colour", Name(Colour)),
    Column("good", Boolean),
    Column("about", JSON),
    Column("body", LargeBinary),
    Column("name", String(20), default="nameless"),
    Column("count", Integer, nullable=False),
)
ID = UUID("01a20d02-8961-757a-a059-97a01e45ea32")
THING: dict[str, Any] = {
    "id": ID,
    "at": datetime(2026, 11, 27, 8, 30, 0, 123456, UTC),
    "colour": Colour.BLUE,
    "good": True,
    "about": {"size": ["L", 1]},
    "body": b"\x00\xff",
    "name": "50% mug",
    "count": 1,
}
INSERT = insert(things)
WHERE = things.c.id == bindparam("which")
GET = select(things).where(WHERE)
ADD = (
    update(things)
    .where(WHERE, things.c.count + bindparam("more") < 10)
    .values(count=things.c.count + bindparam("more"))
    .returning(things.c.count, things.c.at)
)
REMOVE = delete(things).where(WHERE)
COUNT = select(func.count(), func.max(things.c.count)).where(things.c.name == "50% mug")
LISTED = select(things.c.count).where(things.c.id.in_(bindparam("ids", expanding=True)))


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    with database.begin() as connection:
        metadata.create_all(connection)
        execute(connection, INSERT, THING)
    return database


def test_rows_have_the_values_that_were_written(filled: Database) -> None:
    with filled.read() as connection:
        row = execute(connection, GET, {"which": ID}).one()
        same = connection.execute(GET, {"which": ID}).one()

        assert tuple(row) == tuple(same) == (1, *THING.values())
        assert (row.at, row.colour, row.about) == (THING["at"], Colour.BLUE, {"size": ["L", 1]})
        assert type(row.id) is UUID and type(row.good) is bool and type(row.body) is type(same.body)


def test_a_value_may_occur_more_than_once(filled: Database) -> None:
    with filled.begin() as connection:
        changed = execute(connection, ADD, {"which": ID, "more": 8})
        refused = execute(connection, ADD, {"which": ID, "more": 1})

    assert tuple(changed.one()) == (9, THING["at"])
    assert (changed.rowcount, refused.rowcount, refused.first(), refused.all()) == (1, 0, None, [])


def test_values_that_are_part_of_the_statement(filled: Database) -> None:
    with filled.read() as connection:
        assert tuple(execute(connection, COUNT, {}).one()) == (1, 1)


def test_an_insert_returns_no_row_and_stores_the_defaults(filled: Database) -> None:
    without_name = {name: value for name, value in THING.items() if name != "name"} | {"id": UUID(int=7)}
    with filled.begin() as connection:
        assert execute(connection, INSERT, without_name).all() in ([], ())
        row = execute(connection, GET, {"which": UUID(int=7)}).one()

    assert (row.position, row.name) == (2, "nameless")


@pytest.mark.parametrize("left_out", [[], ["name"]], ids=["by the driver", "by SQLAlchemy"])
def test_a_change_is_repeated_with_more_values(filled: Database, left_out: list[str]) -> None:
    values = {name: value for name, value in THING.items() if name not in left_out}
    rows = [values | {"id": UUID(int=n), "colour": None, "count": n} for n in range(3)]
    with filled.begin() as connection:
        execute(connection, INSERT, *rows)
    with filled.read() as connection:
        found = [execute(connection, GET, {"which": UUID(int=n)}).one() for n in range(3)]

    assert [(row.at, row.colour, row.count) for row in found] == [(THING["at"], None, n) for n in range(3)]
    with pytest.raises(IntegrityError), filled.begin() as connection:
        execute(connection, INSERT, rows[0] | {"id": UUID(int=9)}, rows[1])
    with filled.read() as connection:
        assert execute(connection, GET, {"which": UUID(int=9)}).first() is None


def test_lists_of_values_are_left_to_sqlalchemy(filled: Database) -> None:
    with filled.read() as connection:
        assert [row.count for row in execute(connection, LISTED, {"ids": [ID, UUID(int=1)]})] == [1]
        assert list(execute(connection, LISTED, {"ids": []})) == []


def test_a_change_is_undone_with_its_transaction(filled: Database) -> None:
    with pytest.raises(ZeroDivisionError), filled.begin() as connection:
        assert execute(connection, REMOVE, {"which": ID}).rowcount == 1
        raise ZeroDivisionError
    with filled.begin() as connection, connection.begin_nested() as savepoint:
        execute(connection, REMOVE, {"which": ID})
        savepoint.rollback()

    with filled.read() as connection:
        assert execute(connection, GET, {"which": ID}).first()


def test_a_change_outside_of_a_transaction_is_an_error(filled: Database) -> None:
    with filled.step_by_step() as connection, pytest.raises(AssertionError):
        execute(connection, REMOVE, {"which": ID})


def test_errors_are_sqlalchemys(filled: Database) -> None:
    with pytest.raises(IntegrityError) as raised, filled.begin() as connection:
        execute(connection, INSERT, THING)

    assert raised.value.orig is not None and "things" in str(raised.value.orig)
    assert "mug" not in str(raised.value).replace(str(raised.value.orig), ""), "values are not part of the message"
    with filled.begin() as connection:
        assert not insert_if_absent(connection, things, THING)
        assert execute(connection, GET, {"which": ID}).first()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_broken_connection_leaves_the_pool(filled: Database) -> None:
    mine = text("SELECT pg_backend_pid()")
    end = text("SELECT pg_terminate_backend(:pid)")
    with pytest.raises(OperationalError) as raised, filled.begin() as connection:
        pid = connection.execute(mine).scalar_one()
        with filled.read() as other:
            other.execute(end, {"pid": pid})
        execute(connection, GET, {"which": ID})

    assert raised.value.connection_invalidated and is_away(raised.value)
    with filled.begin() as connection:
        assert execute(connection, GET, {"which": ID}).first()


def test_who_listens_to_statements_sees_them(filled: Database) -> None:
    seen: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        with filled.read() as connection:
            row = execute(connection, GET, {"which": ID}).one()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)

    assert row.id == ID and [each.split()[0] for each in seen] == ["SELECT"]
