"""Compare the search index with the database, while both are written to."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel.audit import Discrepancy
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.use_cases.search.verify_index import pages

MAX_DELAY = 10.0  # seconds after which a change must be in the index; if it is not there by then, it was lost
PAUSE = 0.5  # seconds between comparisons


@dataclass(frozen=True)
class AuditIndex:
    """Compare the index with the database. A difference is checked again until the index has caught up with the version
    that was read first, or the time is over; those that remain are discrepancies."""

    reading: Transaction[Reading]
    search: Search

    def execute(self, wait: float) -> Iterator[int | Discrepancy]:
        if self.search.is_lost():
            yield Discrepancy(subject=None, sentence="the index is missing or incomplete")
            return
        suspects: dict[str, tuple[int | None, int | None]] = {}
        for compared, differing in pages(self.reading, self.search):
            suspects |= differing
            yield compared
        until = time.monotonic() + min(wait, MAX_DELAY)
        while suspects and time.monotonic() < until:
            time.sleep(PAUSE)
            suspects = {id: seen for id, seen in suspects.items() if self._still_differs(id, seen[0])}
        yield from _discrepancies(suspects)

    def _still_differs(self, id: str, seen: int | None) -> bool:
        """Whether the index is older than the version `seen` in the database, or newer than the database is now."""
        # read the index before the database, which is never behind it
        has = self.search.versions(id[:-1], id).get(id)
        try:
            with self.reading() as reading:
                document = reading.document(UUID(id))
        except NotFound:
            return has is not None
        now = document.version
        if seen is None:
            return has is not None and has > now
        return has is None or not seen <= has <= now


def _discrepancies(suspects: Mapping[str, tuple[int | None, int | None]]) -> Iterator[Discrepancy]:
    for id, (ours, theirs) in sorted(suspects.items()):
        ours_text = f"version {ours}" if ours is not None else "none"
        theirs_text = f"version {theirs}" if theirs is not None else "none"
        yield Discrepancy(subject=id, sentence=f"product {id}: the database has {ours_text}, the index {theirs_text}")
