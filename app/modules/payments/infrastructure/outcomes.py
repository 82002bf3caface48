"""Payments by day and outcome, by one query that uses the index of their ids."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, select, true

from app.kernel.cached import Cached
from app.kernel.database import Database
from app.kernel.ids import first_id
from app.modules.payments.domain.outcomes import OUTCOMES, DayOfPayments, Outcome
from app.modules.payments.domain.payment import Status
from app.modules.payments.infrastructure.tables import payments

EARLIER = 300.0  # seconds that the payments of earlier days may be old: few of them still change


def outcomes_of(database: Database) -> Callable[[datetime, datetime], Sequence[DayOfPayments]]:
    """A function that returns the days since a time until now, in order, without those that have no payments.

    Its second argument is the beginning of today.
    """
    earlier = Cached[list[DayOfPayments]](EARLIER)

    def current(since: datetime, today: datetime) -> Sequence[DayOfPayments]:
        with database.read() as connection:
            before = earlier.get((since, today), lambda: _days(connection, since, today))
            return [*before, *_days(connection, today, None)]

    return current


def _days(connection: Connection, since: datetime, until: datetime | None) -> list[DayOfPayments]:
    day: ColumnElement[str]
    if connection.dialect.name == "sqlite":
        day = func.strftime("%Y-%m-%d", payments.c.created_at)
    else:
        day = func.to_char(func.timezone("UTC", payments.c.created_at), "YYYY-MM-DD")
    query = (
        select(day.label("day"), payments.c.status, func.count().label("payments"))
        .where(payments.c.id >= first_id(since))  # ids are in the order of time
        .where(payments.c.id < first_id(until) if until else true())
        .group_by(day, payments.c.status)
    )
    days: dict[str, dict[Outcome, int]] = defaultdict(lambda: dict.fromkeys(Outcome, 0))
    for row in connection.execute(query):
        days[row.day][OUTCOMES.get(Status(row.status), Outcome.OPEN)] += row.payments
    return [DayOfPayments(day=date.fromisoformat(day), counts=days[day]) for day in sorted(days)]
