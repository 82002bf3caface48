"""The metrics of a module's queue of jobs."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Connection

from app.bus.standing import age
from app.jobs.backlog import backlog
from app.kernel import clock

LATEST: Final = "livemostrecent"  # of all processes that measure it

WORK = Gauge("quartet_work_rows", "Calls to third parties to be made", ["module"], multiprocess_mode=LATEST)
WORK_LATE = Gauge("quartet_work_overdue_seconds", "Lateness of the latest", ["module"], multiprocess_mode=LATEST)
WORK_FAILING = Gauge("quartet_work_failing_rows", "Those that failed often", ["module"], multiprocess_mode=LATEST)


def measure_backlog(name: str, connection: Connection) -> None:
    """Look at what a module has to do."""
    found = backlog(connection)
    WORK.labels(name).set(found.waiting)
    WORK_LATE.labels(name).set(age(found.due, clock.now()))
    WORK_FAILING.labels(name).set(found.failing)
