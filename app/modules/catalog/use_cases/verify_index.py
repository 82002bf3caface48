"""Hold what search knows against the database."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports import Reading, Search

BATCH = 500  # products held against the index at once
LAST = "g"  # sorts after every id


@dataclass(frozen=True)
class VerifyIndex:
    """Count what differs: missing, behind (an older version than the database has), ahead or unknown (not in it).

    What is written meanwhile is at work on its own way into the index, and may count as behind.
    """

    reading: Transaction[Reading]
    search: Search

    def execute(self, *, fix: bool, progress: Callable[[int], object] = lambda done: None) -> Counter[str]:
        """With `fix`, what is missing or behind is put. What is ahead or unknown takes a whole new index."""
        differs, last, more = Counter[str](), "", True
        while more:
            with self.reading() as reading:
                documents = reading.documents(UUID(last) if last else None, BATCH)
            more = len(documents) == BATCH
            upto = documents[-1].id if more else LAST
            known = dict(self.search.versions(last, upto))
            wanting = []
            for each in documents:
                version = known.pop(each.id, None)
                if version is None or version < each.version:
                    differs["missing" if version is None else "behind"] += 1
                    wanting.append(each)
                elif version > each.version:
                    differs["ahead"] += 1
            differs["unknown"] += len(known)
            if fix and wanting:
                self.search.put(wanting)
            progress(len(documents))
            last = upto
        return +differs
