"""The metrics of a module's jobs."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Connection

from app.bus.status import age
from app.jobs.backlog import backlog
from app.kernel import clock

LATEST: Final = "livemostrecent"  # the value of the process that measured last

JOBS = Gauge("quartet_jobs", "Jobs (calls to third parties) not yet done", ["module"], multiprocess_mode=LATEST)
JOBS_OVERDUE = Gauge(
    "quartet_jobs_overdue_seconds", "How late the most overdue job is", ["module"], multiprocess_mode=LATEST
)
JOBS_FAILING = Gauge("quartet_jobs_failing", "Jobs that failed several times", ["module"], multiprocess_mode=LATEST)


def measure_backlog(name: str, connection: Connection) -> None:
    """Set the metrics of a module's jobs."""
    of_module = backlog(connection)
    JOBS.labels(name).set(of_module.waiting)
    JOBS_OVERDUE.labels(name).set(age(of_module.due, clock.now()))
    JOBS_FAILING.labels(name).set(of_module.failing)
