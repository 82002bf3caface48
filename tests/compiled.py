"""Statements compiled once in a process, and not once for each of thousands of databases: half of a test's time."""

from functools import partial
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.util import LRUCache

from app.kernel import engines


class SharedCache(LRUCache[Any, Any]):
    """SQLAlchemy's cache of compiled statements, for all engines of a sort of database together."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_its_sort(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_its_sort(key), value)


def share() -> None:
    """From now on, in this process."""
    engines.create_engine = partial(create_engine, execution_options={"compiled_cache": SharedCache(5000)})  # type: ignore[attr-defined]


def _of_its_sort(key: Any) -> Any:
    """SQLAlchemy's key begins with the dialect of one engine."""
    dialect, *rest = key
    return (dialect.name, *rest)
