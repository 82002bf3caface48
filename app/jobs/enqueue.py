"""Adds jobs: a job is a row, written in the transaction of the change that requires it."""

from datetime import datetime

from sqlalchemy import Connection

from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.context import request_id, traceparent
from app.kernel.database import notify_on_commit
from app.kernel.inserts import upsert


def enqueue(connection: Connection, kind: str, subject: str, due_at: datetime | None = None) -> None:
    """Add a job. It runs after this transaction commits; a job requested again while it runs is run once more.

    `due_at`: the earliest time to run it; by default now.
    """
    changes = {"due_at": due_at or clock.now(), "attempts": 0, **requester()}
    row = {"kind": kind, "subject": subject, "requested": 1, **changes}
    upsert(connection, jobs, "kind,subject", row, changes, counter="requested")
    notify_on_commit(connection, "job")


def requester() -> dict[str, str | None]:
    """The current request and trace, as columns of the job."""
    return {"request_id": request_id.get(), "traceparent": traceparent.get()}
