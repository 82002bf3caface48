"""Search in a file of its own, by SQLite's FTS5. Serves one machine; what several share is another's to fill."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.kernel.errors import Unavailable
from app.modules.catalog.domain.search import Document, Found, Hit, Query
from app.modules.catalog.infrastructure.search_facets import facets_of
from app.modules.catalog.infrastructure.search_file import BUILT, TABLES, SearchFile, make_tables
from app.modules.catalog.infrastructure.search_question import folded, page_of

log = logging.getLogger(__name__)

COLUMNS = [
    "id",
    "version",
    "on_sale",
    "slug",
    "name",
    "folded",
    "category",
    "price",
    "currency",
    "in_stock",
    "created_at",
]
PUT = (
    f"INSERT INTO products ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{name}' for name in COLUMNS)}) "  # noqa: S608
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])} "
    "WHERE excluded.version >= version RETURNING number"
)


class Fts5Search:
    """Finds products in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._file = SearchFile(path)

    def put(self, documents: Iterable[Document]) -> None:
        """In one transaction."""
        with self._file.writing() as connection:
            _put(connection, documents)

    def find(self, query: Query) -> Found:
        """One page. Raises Unavailable(search_unavailable) while the file is broken."""
        sql, values = page_of(query)
        try:
            with self._file.reading() as connection:
                rows = connection.execute(sql, values).fetchall()
                facets = facets_of(connection, query) if query.facets else None
        except sqlite3.DatabaseError as error:
            log.error("the search index cannot be read: %s", error)
            sentence = "lists of products cannot be had just now; a product's own page can"
            raise Unavailable("search_unavailable", sentence) from error
        return Found([Hit(_content(row), (row["place"], row["id"])) for row in rows], facets)

    @contextmanager
    def rebuild(self) -> Iterator["_Rebuilding"]:
        """One transaction; a broken file is thrown away first."""
        try:
            self.is_readable()
        except sqlite3.DatabaseError:
            self._file.delete()
        with self._file.writing() as connection:
            for table in TABLES:  # an older edition's may have other columns
                connection.execute(f"DROP TABLE {table}")
            make_tables(connection)
            yield _Rebuilding(connection)
            connection.execute(f"PRAGMA user_version = {BUILT}")

    def is_complete(self) -> bool:
        """Whether it was built by this schema."""
        try:
            return self.is_readable()
        except sqlite3.DatabaseError:
            return False

    def is_readable(self) -> bool:
        """Whether everything is in it. Raises sqlite3.DatabaseError for a broken file."""
        with self._file.reading() as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == BUILT)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Rebuilding(Fts5Search):
    """The same while it is built, in the one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, documents: Iterable[Document]) -> None:
        """In the transaction of the whole."""
        _put(self._connection, documents)


def _put(connection: sqlite3.Connection, documents: Iterable[Document]) -> None:
    for each in documents:
        row = {name: getattr(each, name) for name in COLUMNS if name != "folded"}
        newer = connection.execute(PUT, {**row, "folded": folded(each.name)}).fetchall()
        if not newer:
            continue
        number = newer[0]["number"]
        connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
        connection.execute("DELETE FROM attributes WHERE number = ?", (number,))
        if not each.on_sale:
            continue
        pairs = sorted(each.attributes)
        rest = " ".join([*(f"{name} {value}" for name, value in pairs), *each.skus])
        connection.execute(
            "INSERT INTO words (rowid, name, description, attributes) VALUES (?, ?, ?, ?)",
            (number, each.name, each.description, rest),
        )
        connection.executemany("INSERT INTO attributes VALUES (?, ?, ?)", [(*pair, number) for pair in pairs])


def _content(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "slug": row["slug"],
        "name": row["name"],
        "category": row["category"],
        "price": {"amount": row["price"], "currency": row["currency"]},
        "in_stock": bool(row["in_stock"]),
    }
