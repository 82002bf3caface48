"""Have every product in what lists are made of while there is no index."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Listed

BATCH = 500  # products read at once


@dataclass(frozen=True)
class ListProducts:
    """For a database of before, or new rules for words; what is there already stays."""

    reading: Transaction[Reading]
    listed: Listed

    def execute(self) -> None:
        after: UUID | None = None
        while True:
            with self.reading() as reading:
                documents = reading.documents(after, BATCH)
            self.listed.put(documents)
            if len(documents) < BATCH:
                return
            after = UUID(documents[-1].id)
