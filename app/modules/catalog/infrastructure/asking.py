"""What is done after the transaction, as rows of `work`: search learns of a product, the others of a stock level."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from app.jobs.enqueue import asker, enqueue
from app.jobs.tables import work
from app.kernel import clock
from app.kernel.database import leave_news, upsert

PAUSE = timedelta(seconds=0.5)  # levels that change within it are said once


def ask_for_index(connection: Connection, product_id: UUID) -> None:
    """Have search learn of the product as it is after this transaction."""
    enqueue(connection, "index", str(product_id))


def ask_for_rebuild(connection: Connection) -> None:
    """Have the index of search made anew."""
    enqueue(connection, "rebuild", "all")


def ask_for_level(connection: Connection, skus: Iterable[str]) -> None:
    """Have stock levels said in a moment. A row that waits keeps its time: under steady sales it would never be due."""
    due, who = clock.now() + PAUSE, asker()
    for sku in skus:
        row = {"kind": "level", "subject": sku, "asked": 1, "due_at": due, "attempts": 0, **who}
        upsert(connection, work, "kind,subject", row, {"asked": work.c.asked + 1, **who})
    leave_news(connection, "work")
