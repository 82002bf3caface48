"""The jobs of catalog: indexing a product, rebuilding the search index, and publishing a stock level."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from app.jobs.enqueue import enqueue, requester
from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.database import notify_on_commit
from app.kernel.inserts import upsert

PAUSE = timedelta(seconds=0.5)  # changes of a level within this time are published once


def enqueue_indexing(connection: Connection, product_id: UUID) -> None:
    """Add a job that indexes the product. It runs after this transaction commits."""
    enqueue(connection, "index", str(product_id))


def enqueue_rebuild(connection: Connection) -> None:
    """Add a job that rebuilds the search index."""
    enqueue(connection, "rebuild", "all")


def enqueue_following(connection: Connection) -> None:
    """Add a job that publishes the offers again whose category has moved."""
    enqueue(connection, "categories", "all")


def enqueue_stock_level(connection: Connection, skus: Iterable[str]) -> None:
    """Add jobs that publish the stock levels after a short pause. A job that already waits keeps its due time: if each
    sale postponed it, it would never be due under steady sales."""
    due, who = clock.now() + PAUSE, requester()
    for sku in skus:
        row = {"kind": "level", "subject": sku, "requested": 1, "due_at": due, "attempts": 0, **who}
        upsert(connection, jobs, "kind,subject", row, who, counter="requested")
    notify_on_commit(connection, "job")
