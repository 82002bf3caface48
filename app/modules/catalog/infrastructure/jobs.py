"""What is done after the transaction, as rows of `jobs`: search learns of a product, the others of a stock level."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from app.jobs.enqueue import enqueue, requester
from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.database import notify_on_commit, upsert

PAUSE = timedelta(seconds=0.5)  # levels that change within it are said once


def enqueue_indexing(connection: Connection, product_id: UUID) -> None:
    """Have search learn of the product as it is after this transaction."""
    enqueue(connection, "index", str(product_id))


def enqueue_rebuild(connection: Connection) -> None:
    """Have the index of search made anew."""
    enqueue(connection, "rebuild", "all")


def enqueue_stock_level(connection: Connection, skus: Iterable[str]) -> None:
    """Have stock levels said in a moment. A row that waits keeps its time: under steady sales it would never be due."""
    due, who = clock.now() + PAUSE, requester()
    for sku in skus:
        row = {"kind": "level", "subject": sku, "requested": 1, "due_at": due, "attempts": 0, **who}
        upsert(connection, jobs, "kind,subject", row, {"requested": jobs.c.requested + 1, **who})
    notify_on_commit(connection, "job")
