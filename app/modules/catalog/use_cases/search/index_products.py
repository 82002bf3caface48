"""Have search learn of products."""

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
    """Give search one product as it is now. Run late, twice or out of order it does no harm."""

    reading: Transaction[Reading]
    search: Search

    def execute(self, product_id: UUID) -> None:
        with self.reading() as reading:
            document = reading.document(product_id)
        self.search.put([document])


@dataclass(frozen=True)
class Reindex:
    """Give search every product anew; until it is done, what it knew is found."""

    reading: Transaction[Reading]
    search: Search

    def execute(self, progress: Callable[[int], object] = lambda done: None, seconds: float = float("inf")) -> None:
        """Go on where another ended; `progress` is told how many more are in. Raises OutOfTime after so long."""
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
    """There is more to do; what was done is kept."""
