"""Payments by day and outcome, by one query that uses the index of their ids."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from app.kernel.database import Database
from app.kernel.ids import first_id
from app.modules.payments.domain.outcomes import OUTCOMES, DayOfPayments, Outcome
from app.modules.payments.domain.payment import Status
from app.modules.payments.infrastructure.tables import payments


def outcomes_of(database: Database) -> Callable[[datetime], Sequence[DayOfPayments]]:
    """A function that returns the days since a time, in order; a day without payments is left out."""

    def current(since: datetime) -> Sequence[DayOfPayments]:
        day: ColumnElement[str]
        with database.read() as connection:
            if connection.dialect.name == "sqlite":
                day = func.strftime("%Y-%m-%d", payments.c.created_at)
            else:
                day = func.to_char(func.timezone("UTC", payments.c.created_at), "YYYY-MM-DD")
            query = (
                select(day.label("day"), payments.c.status, func.count().label("payments"))
                .where(payments.c.id >= first_id(since))  # ids are in the order of time
                .group_by(day, payments.c.status)
            )
            rows = connection.execute(query).all()
        days: dict[str, dict[Outcome, int]] = defaultdict(lambda: dict.fromkeys(Outcome, 0))
        for row in rows:
            days[row.day][OUTCOMES.get(Status(row.status), Outcome.OPEN)] += row.payments
        return [DayOfPayments(day=date.fromisoformat(day), counts=days[day]) for day in sorted(days)]

    return current
