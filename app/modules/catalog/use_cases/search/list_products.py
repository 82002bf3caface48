"""Store every product in the listings, which the database is searched by while there is no index."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Listings

BATCH = 500  # products read at once


@dataclass(frozen=True)
class ListProducts:
    """Fill the listings of a database of an older version, or after a change of the rules that cut text into words.

    Rows that are up to date are left alone.
    """

    reading: Transaction[Reading]
    listed: Listings

    def execute(self) -> None:
        after: UUID | None = None
        while True:
            with self.reading() as reading:
                documents = reading.documents(after, BATCH)
            self.listed.put(documents)
            if len(documents) < BATCH:
                return
            after = UUID(documents[-1].id)
