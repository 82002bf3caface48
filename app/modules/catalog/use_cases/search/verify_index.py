"""Hold what search knows against the database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search

BATCH = 500  # products held against the index at once
LAST = "g"  # sorts after every id

Versions = tuple[int | None, int | None]
"""Of one product: in the database, and in the index; none where it is not there."""


@dataclass(frozen=True)
class VerifyIndex:
    """Count what differs: missing, behind (older than the database, and different), ahead or unknown (not in it).

    What is written meanwhile is at work on its own way into the index, and may count as behind.
    """

    reading: Transaction[Reading]
    search: Search

    def execute(self, *, fix: bool, progress: Callable[[int], object] = lambda done: None) -> Counter[str]:
        """With `fix`, what is missing or behind is put. What is ahead or unknown takes a whole new index."""
        differs = Counter[str]()
        for compared, differing in pages(self.reading, self.search):
            differs.update(map(_how, differing.values()))
            wanting = [id for id, versions in differing.items() if _how(versions) in {"missing", "behind"}]
            if fix and wanting:
                with self.reading() as reading:
                    self.search.put([reading.document(UUID(id)) for id in wanting])
            progress(compared)
        return differs


def pages(reading: Transaction[Reading], search: Search) -> Iterator[tuple[int, Mapping[str, Versions]]]:
    """Of each page of products: how many there are, and of those that differ the versions, by id."""
    last, more = "", True
    while more:
        with reading() as shop:
            documents = shop.documents(UUID(last) if last else None, BATCH)
        more = len(documents) == BATCH
        upto = documents[-1].id if more else LAST
        theirs = search.versions(last, upto)
        ours = {each.id: each.version for each in documents}
        both = {id: (ours.get(id), theirs.get(id)) for id in ours.keys() | theirs.keys()}
        differing = {id: versions for id, versions in both.items() if versions[0] != versions[1]}
        older = [each for each in documents if each.id in differing and _how(differing[each.id]) == "behind"]
        as_they_are = search.knows(older)
        yield len(documents), {id: versions for id, versions in differing.items() if id not in as_they_are}
        last = upto


def _how(versions: Versions) -> str:
    ours, theirs = versions
    if ours is None:
        return "unknown"
    if theirs is None:
        return "missing"
    return "behind" if theirs < ours else "ahead"
