"""A new database of each kind that the shop supports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import fresh_databases

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh_url(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database; skips the test if there is no server for it."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.sqlite'}"
        return
    with fresh_databases("orders") as urls:
        yield urls["ORDERS_DATABASE_URL"]
