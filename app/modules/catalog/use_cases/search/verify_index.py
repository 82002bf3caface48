"""Compare the search index with the database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel.transaction import Transaction
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search

BATCH = 500  # products compared at once
LAST = "g"  # sorts after every id

Versions = tuple[int | None, int | None]
"""The version of one product in the database, and in the index; None where it is missing."""


@dataclass(frozen=True)
class VerifyIndex:
    """Count the products that differ in the index: missing, behind (older than the database, with other content), ahead
    (newer than the database) or unknown (not in the database).

    A product that is changed at the same time may count as behind, since its job has not yet indexed it.
    """

    reading: Transaction[Reading]
    search: Search

    def execute(self, *, fix: bool, progress: Callable[[int], object] = lambda done: None) -> Counter[str]:
        """With `fix`, index products that are missing or behind. Those ahead or unknown need a rebuild of the index."""
        differs = Counter[str]()
        for compared, differing in pages(self.reading, self.search):
            differs.update(map(_how, differing.values()))
            outdated = [id for id, versions in differing.items() if _how(versions) in {"missing", "behind"}]
            if fix and outdated:
                with self.reading() as reading:
                    self.search.put([reading.document(UUID(id)) for id in outdated])
            progress(compared)
        return differs


def pages(reading: Transaction[Reading], search: Search) -> Iterator[tuple[int, Mapping[str, Versions]]]:
    """Yield, for each batch of products, their number and the versions of those that differ, by id."""
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
        same = search.same_content(older)
        yield len(documents), {id: versions for id, versions in differing.items() if id not in same}
        last = upto


def _how(versions: Versions) -> str:
    ours, theirs = versions
    if ours is None:
        return "unknown"
    if theirs is None:
        return "missing"
    return "behind" if theirs < ours else "ahead"
