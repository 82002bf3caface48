"""A third party, and the jobs that call it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.jobs import tables as jobs
from app.jobs.enqueue import enqueue
from app.jobs.worker import Worker
from app.kernel.errors import Unavailable
from tests.bus.tiny import Tiny


@dataclass
class Bank:
    """A third party, whose replies the test sets."""

    module: Tiny
    calls: list[str] = field(default_factory=list)
    during: Callable[[str], timedelta | None] | None = None

    def pay(self, subject: str) -> timedelta | None:
        self.calls.append(subject)
        return self.during(subject) if self.during else None

    def worker(self) -> Worker:
        return Worker("listener", self.module.database, {"pay": self.pay, "look": lambda subject: None})

    def requests(self, *subjects: str, **kwargs: Any) -> None:
        """Add a job for each subject, in one transaction."""
        with self.module.database.begin() as connection:
            for subject in subjects:
                enqueue(connection, "pay", subject, **kwargs)

    def row(self) -> Any:
        """The only job."""
        [row] = self.module.rows(jobs.jobs)
        return row


def fails(subject: str) -> None:
    """A third party that is down."""
    raise Unavailable("bank_away", "the bank does not answer")
