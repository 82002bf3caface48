"""Time limits of statements."""

from typing import Any

import pytest
from sqlalchemy import event, text

from app.kernel.database import Database
from app.kernel.deadline import TooSlow

LONG = {  # statements that take a minute
    True: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000000) SELECT count(*) FROM n",
    False: "SELECT pg_sleep(60)",
}


def answers(database: Database) -> bool:
    with database.read_within(30) as connection:
        return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)


def test_a_slow_statement_is_ended_and_the_next_is_answered(database: Database) -> None:
    for _ in range(3):
        with pytest.raises(TooSlow), database.read_within(0.05) as connection:
            connection.execute(text(LONG[database.is_sqlite])).all()

        assert answers(database)


def test_a_time_that_is_up_just_as_all_is_answered_spoils_nothing_for_the_next(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite ends no transaction here")

    def takes_long(connection: Any, cursor: Any, statement: str, *_: Any) -> tuple[str, Any]:
        return (LONG[False] if statement == "ROLLBACK" else statement), _[0]

    event.listen(database.reads, "before_cursor_execute", takes_long, retval=True)
    with database.read_within(0.05) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    event.remove(database.reads, "before_cursor_execute", takes_long)

    assert answers(database)
