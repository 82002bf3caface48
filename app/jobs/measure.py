"""The metrics of a module's queue of jobs."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Connection

from app.bus.status import age
from app.jobs.backlog import backlog
from app.kernel import clock

LATEST: Final = "livemostrecent"  # of all processes that measure it

JOBS = Gauge("quartet_jobs", "Calls to third parties to be made", ["module"], multiprocess_mode=LATEST)
JOBS_OVERDUE = Gauge("quartet_jobs_overdue_seconds", "Lateness of the latest", ["module"], multiprocess_mode=LATEST)
JOBS_FAILING = Gauge("quartet_jobs_failing", "Those that failed often", ["module"], multiprocess_mode=LATEST)


def measure_backlog(name: str, connection: Connection) -> None:
    """Look at what a module has to do."""
    found = backlog(connection)
    JOBS.labels(name).set(found.waiting)
    JOBS_OVERDUE.labels(name).set(age(found.due, clock.now()))
    JOBS_FAILING.labels(name).set(found.failing)
