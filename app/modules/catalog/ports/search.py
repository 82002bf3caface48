"""What finds products."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from app.modules.catalog.domain.search import Document, Found, Query, Suggestion


class Rebuilding(Protocol):
    """An index that is being made anew."""

    @property
    def after(self) -> str | None:
        """The last product that an earlier attempt has put; None: begin at the first."""

    def put(self, documents: Sequence[Document]) -> None:
        """The next products by id."""


class Listed(Protocol):
    """What lists are made of while there is no index."""

    def put(self, documents: Iterable[Document]) -> None:
        """Keep products; an older version never overwrites a newer one."""


class Search(Protocol):
    """Finds products. What it knows is a copy that follows later and can be made anew at any time."""

    def put(self, documents: Iterable[Document]) -> None:
        """Learn of products; an older version never overwrites a newer one."""

    def find(self, query: Query) -> Found: ...

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """Products whose names have words that begin so, the best first."""

    def rebuild(self) -> AbstractContextManager[Rebuilding]:
        """Learn everything anew; what was known is found until the block ends."""

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        """The version of each product it knows whose id is between, by id."""

    def count(self) -> int:
        """How many products it knows."""

    def knows(self, documents: Sequence[Document]) -> frozenset[str]:
        """Those of these, by id, that it knows as they are, if by an older version: a sale raises that, and is no news
        to it as long as something is left."""

    def is_lost(self) -> bool:
        """Whether it is not there, broken, or was never built whole; False while it cannot be asked."""

    def trouble(self) -> str | None:
        """A sentence while it serves badly."""

    def close(self) -> None:
        """Give back what is open; it may be used again."""
