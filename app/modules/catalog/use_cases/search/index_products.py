"""Index one product, or all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search

BATCH = 500  # products read at once


@dataclass(frozen=True)
class IndexProduct:
    """Index one product as it is now. It is safe to run late, twice or out of order."""

    reading: Transaction[Reading]
    search: Search

    def execute(self, product_id: UUID) -> None:
        with self.reading() as reading:
            document = reading.document(product_id)
        self.search.put([document])


@dataclass(frozen=True)
class Reindex:
    """Rebuild the index from scratch; until that is done, searches use the old index."""

    reading: Transaction[Reading]
    search: Search

    def execute(self, progress: Callable[[int], object] = lambda done: None, seconds: float = float("inf")) -> None:
        """Continue an interrupted attempt, if there is one. `progress` is called with the number of products of each
        batch. Raises OutOfTime if there is more to do after `seconds`."""
        until = time.monotonic() + seconds
        with self.search.rebuild() as search:
            after = UUID(search.after) if search.after else None
            while True:
                with self.reading() as reading:
                    documents = reading.documents(after, BATCH)
                search.put(documents)
                progress(len(documents))
                if len(documents) < BATCH:
                    return
                after = UUID(documents[-1].id)
                if time.monotonic() > until:
                    raise OutOfTime


class OutOfTime(Exception):
    """The time is over and products remain; those indexed so far stay in the index."""
