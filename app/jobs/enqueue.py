"""What puts a job into the queue: a row, written with what asks for it."""

from datetime import datetime

from sqlalchemy import Connection

from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.context import request_id, traceparent
from app.kernel.database import notify_on_commit, upsert


def enqueue(connection: Connection, kind: str, subject: str, due_at: datetime | None = None) -> None:
    """Have it done after this transaction; asked again while it runs, it is done once more."""
    now = {"due_at": due_at or clock.now(), "attempts": 0, **requester()}
    row = {"kind": kind, "subject": subject, "requested": 1, **now}
    again = {"requested": jobs.c.requested + 1, **now}
    upsert(connection, jobs, "kind,subject", row, again)
    notify_on_commit(connection, "job")


def requester() -> dict[str, str | None]:
    """Who asks, for the row."""
    return {"request_id": request_id.get(), "traceparent": traceparent.get()}
