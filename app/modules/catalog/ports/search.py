"""The interface to search: an index of products, or the database while there is no index."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from app.modules.catalog.domain.search import Document, Query, SearchResult, Suggestion


class Rebuilding(Protocol):
    """An index that is being rebuilt."""

    @property
    def after(self) -> str | None:
        """The id of the last product that an interrupted attempt has indexed; None: begin at the first."""

    def put(self, documents: Sequence[Document]) -> None:
        """Index the next products; they must come in the order of their ids."""


class Listings(Protocol):
    """The products as the database lists them while there is no index."""

    def put(self, documents: Iterable[Document]) -> None:
        """Store products; an older version never overwrites a newer one."""


class Search(Protocol):
    """Finds products. Its index is a copy that follows the database with a delay and can be rebuilt at any time."""

    def put(self, documents: Iterable[Document]) -> None:
        """Index products; an older version never overwrites a newer one."""

    def find(self, query: Query) -> SearchResult: ...

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """Return products whose names contain all of the words, the last of them as a prefix; best match first."""

    def rebuild(self) -> AbstractContextManager[Rebuilding]:
        """Rebuild the index from scratch; searches use the old index until the block ends."""

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        """Return the indexed version of each product whose id is after `after` and not after `upto`, by id."""

    def count(self) -> int:
        """Return the number of products in the index."""

    def same_content(self, documents: Sequence[Document]) -> frozenset[str]:
        """Return the ids of those documents whose content in the index is the same, even if its version is older.

        A sale raises the version of a product, but changes nothing in the index as long as some stock is left.
        """

    def is_lost(self) -> bool:
        """Whether the index is missing, broken, or was never completely built; False while it cannot be reached."""

    def trouble(self) -> str | None:
        """A sentence that describes the problem while search is degraded; otherwise None."""

    def close(self) -> None:
        """Close open connections and files; the object may be used again afterwards."""
