"""Runs the jobs of one module: calls to third parties as rows, taken under a lease and repeated until they succeed."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, delete, or_, select, update

from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.compiled import execute
from app.kernel.context import caused_by
from app.kernel.crash import crash_point
from app.kernel.database import Database, is_away, notify_on_commit
from app.kernel.errors import Refused, Stale
from app.telemetry import tracing

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)  # longer than the longest call to a third party
MAX_PAUSE = 60.0  # seconds between tries

NOW = bindparam("now", type_=jobs.c.due_at.type)
IS_DUE = (jobs.c.due_at <= NOW) & or_(jobs.c.lease_until.is_(None), jobs.c.lease_until < NOW)
DUE = select(jobs.c.due_at).where(IS_DUE).limit(1)
NEXT = select(jobs.c.kind, jobs.c.subject).where(IS_DUE).order_by(jobs.c.due_at).limit(1)
FREE = NEXT.with_for_update(skip_locked=True).cte("free").prefix_with("MATERIALIZED")  # locks one row, once
TAKE = (
    update(jobs)
    .where(jobs.c.kind == FREE.c.kind, jobs.c.subject == FREE.c.subject)
    .values(lease_until=bindparam("until"))
    .returning(jobs)
)
IS_IT = (jobs.c.kind == bindparam("the_kind")) & (jobs.c.subject == bindparam("the_subject"))
LET_GO = update(jobs).where(IS_IT).values(lease_until=None)
UNCHANGED = IS_IT & (jobs.c.requested == bindparam("as_taken"))
DONE = delete(jobs).where(UNCHANGED)
PUT_BACK = (
    update(jobs)
    .where(UNCHANGED)
    .values(lease_until=None, due_at=bindparam("later"), attempts=bindparam("tries"), error=bindparam("why"))
)

Task = Callable[[str], timedelta | None]
"""Does the job of a subject. Returns None when it is done, or the time after which to run it again."""


@dataclass(frozen=True)
class Taken:
    """A job whose lease this worker holds."""

    kind: str
    subject: str
    requested: int
    attempts: int
    request_id: str | None
    traceparent: str | None


class Worker:
    """Takes and runs the jobs of one module. Several threads and processes may do so in parallel."""

    def __init__(self, name: str, database: Database, tasks: Mapping[str, Task]) -> None:
        self.wake = threading.Event()
        self._name = name
        self._database = database
        self._tasks = tasks
        database.listeners.on_notification(self.wake.set, "job")

    def run_once(self) -> bool:
        """Run the job that has been due longest; False when none is due."""
        taken = self.take()
        if taken is None:
            return False
        self.run(taken)
        return True

    def run(self, taken: Taken) -> None:
        """Run a job that was taken, and record what became of it."""
        with caused_by(taken.request_id, taken.traceparent):
            self._do(taken)

    def _do(self, taken: Taken) -> None:
        about = {"quartet.module": self._name, "quartet.job.subject": taken.subject}
        try:
            with tracing.span(f"job {taken.kind}", "internal", about):
                again = self._tasks[taken.kind](taken.subject)
        except Stale:
            self._put_back(taken, timedelta(), taken.attempts, None)
        except Exception as error:
            if is_away(error):
                log.warning("%s cannot reach its database: %s", self._name, error)
            else:
                what = (self._name, taken.kind, taken.subject, taken.attempts + 1)
                log.warning("%s: %s %s failed, try %d: %s", *what, error, exc_info=not isinstance(error, Refused))
            self._put_back(taken, _pause(taken.attempts), taken.attempts + 1, f"{type(error).__name__}: {error}")
        else:
            crash_point("before_job_done")
            if again is None:
                self._done(taken)
            else:
                self._put_back(taken, again, 0, None)

    def take(self) -> Taken | None:
        """Take the job that has been due longest, under a lease; None when none is due."""
        now = clock.now()
        with self._database.read() as connection:
            if execute(connection, DUE, {"now": now}).first() is None:
                return None
        with self._database.at_once() as connection:
            row = execute(connection, TAKE, {"now": now, "until": now + LEASE}).first()
        if row is None:
            return None
        return Taken(row.kind, row.subject, row.requested, row.attempts, row.request_id, row.traceparent)

    def _done(self, taken: Taken) -> None:
        self._end(taken, DONE, {})

    def _put_back(self, taken: Taken, pause: timedelta, attempts: int, error: str | None) -> None:
        self._end(taken, PUT_BACK, {"later": clock.now() + pause, "tries": attempts, "why": error})

    def _end(self, taken: Taken, how: Executable, values: dict[str, Any]) -> None:
        """End the lease. A job that was requested again meanwhile stays as it is, and is run once more."""
        with self._database.at_once() as connection:
            unchanged = execute(connection, how, _which(taken) | {"as_taken": taken.requested} | values).rowcount
        if not unchanged:
            with self._database.begin() as connection:
                execute(connection, LET_GO, _which(taken))
                notify_on_commit(connection, "job")


def _which(taken: Taken) -> dict[str, Any]:
    return {"the_kind": taken.kind, "the_subject": taken.subject}


def _pause(attempts: int) -> timedelta:
    max_pause = min(0.2 * 2**attempts, MAX_PAUSE)
    return timedelta(seconds=max_pause * random.uniform(0.5, 1))  # noqa: S311 — jitter, not a secret
