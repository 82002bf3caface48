"""What is done after the transaction, as rows of `work`: search learns of a product, the others of a stock level."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection

from app.bus import tables
from app.jobs import worker as work
from app.kernel import clock
from app.kernel.database import leave_news, upsert

PAUSE = timedelta(seconds=0.5)  # levels that change within it are said once


def ask_for_index(connection: Connection, product_id: UUID) -> None:
    """Have search learn of the product as it is after this transaction."""
    work.ask(connection, "index", str(product_id))


def ask_for_rebuild(connection: Connection) -> None:
    """Have the index of search made anew."""
    work.ask(connection, "rebuild", "all")


def ask_for_level(connection: Connection, skus: Iterable[str]) -> None:
    """Have stock levels said in a moment. A row that waits keeps its time: under steady sales it would never be due."""
    due, asker = clock.now() + PAUSE, work.asker()
    for sku in skus:
        row = {"kind": "level", "subject": sku, "asked": 1, "due_at": due, "attempts": 0, **asker}
        upsert(connection, tables.work, "kind,subject", row, {"asked": tables.work.c.asked + 1, **asker})
    leave_news(connection, "work")
