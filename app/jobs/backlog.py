"""The jobs that wait in a module, since when, and those that fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.jobs.tables import jobs

TROUBLED = 3  # failed tries after which a job is reported as failing


@dataclass(frozen=True, kw_only=True)
class Backlog:
    waiting: int  # all jobs, due or not
    due: datetime | None  # when the first of them is due
    failing: int  # those that failed TROUBLED times or more


def backlog(connection: Connection) -> Backlog:
    """Count the jobs of a module."""
    count, due = connection.execute(select(func.count(), func.min(jobs.c.due_at)).select_from(jobs)).one()
    failing = select(func.count()).select_from(jobs).where(jobs.c.attempts >= TROUBLED)
    return Backlog(waiting=count, due=due, failing=connection.execute(failing).scalar_one())


def worst_jobs(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Up to `limit` jobs whose last try failed, those with most tries first."""
    failing = select(jobs).where(jobs.c.error.is_not(None)).order_by(jobs.c.attempts.desc(), jobs.c.due_at).limit(limit)
    return connection.execute(failing).all()
