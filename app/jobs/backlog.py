"""What waits in a module's queue of jobs, since when, and what of it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.jobs.tables import jobs

TROUBLED = 3  # tries that failed, after which a job is told of


@dataclass(frozen=True, kw_only=True)
class Backlog:
    waiting: int  # calls to third parties to be made
    due: datetime | None  # the first of them
    failing: int  # those that failed often


def backlog(connection: Connection) -> Backlog:
    """Look at the calls to third parties that a module has to make."""
    rows, due = connection.execute(select(func.count(), func.min(jobs.c.due_at)).select_from(jobs)).one()
    failing = select(func.count()).select_from(jobs).where(jobs.c.attempts >= TROUBLED)
    return Backlog(waiting=rows, due=due, failing=connection.execute(failing).scalar_one())


def worst_jobs(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Those that failed when they were last tried, the worst first."""
    failing = select(jobs).where(jobs.c.error.is_not(None)).order_by(jobs.c.attempts.desc(), jobs.c.due_at).limit(limit)
    return connection.execute(failing).all()
