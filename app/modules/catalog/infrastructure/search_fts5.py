"""Search in a file of its own, by SQLite's FTS5. Serves one machine; what several share is another's to fill."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.kernel.errors import Unavailable
from app.modules.catalog.domain.search import (
    BEGIN,
    END,
    Document,
    Found,
    Hit,
    Query,
    Suggestion,
    folded,
    marked,
    terms_of,
)
from app.modules.catalog.infrastructure.search_facets import facets_of
from app.modules.catalog.infrastructure.search_file import BUILT, TABLES, SearchFile, make_tables
from app.modules.catalog.infrastructure.search_question import match_of, page_of, reads_words

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

KEPT = "SELECT p.*, w.description, w.attributes FROM products p LEFT JOIN words w ON w.rowid = p.number WHERE p.id = ?"
SUGGEST = (
    "SELECT p.slug, p.name FROM words JOIN products p ON p.number = words.rowid "
    "WHERE words MATCH ? ORDER BY bm25(words), length(p.name), p.id LIMIT ?"
)
LIGHT = (
    "SELECT rowid, highlight(words, 0, ?, ?) AS name, snippet(words, 1, ?, ?, '…', 24) AS description "
    "FROM words WHERE words MATCH ? AND rowid IN ({})"
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
                lit = _highlights(connection, query, rows) if reads_words(query) else {}
                facets = facets_of(connection, query) if query.facets else None
        except sqlite3.DatabaseError as error:
            raise _unavailable(error) from error
        return Found(
            [Hit(_content(row) | lit.get(row["number"], {}), (row["place"], row["id"])) for row in rows], facets
        )

    def suggest(self, words: str, most: int) -> Sequence[Suggestion]:
        """By the beginnings of words in names."""
        terms = terms_of(words)
        if not terms:
            return []
        try:
            with self._file.reading() as connection:
                rows = connection.execute(SUGGEST, (f"name : ({match_of(terms)})", most)).fetchall()
        except sqlite3.DatabaseError as error:
            raise _unavailable(error) from error
        return [Suggestion(row["slug"], row["name"]) for row in rows]

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

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        """One statement."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT id, version FROM products WHERE id > ? AND id <= ?", (after, upto))
            return {row["id"]: row["version"] for row in rows}

    def count(self) -> int:
        """All that are in it."""
        with self._file.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM products").fetchone()[0])

    def knows(self, documents: Sequence[Document]) -> frozenset[str]:
        """Held against what is kept."""
        with self._file.reading() as connection:
            return frozenset(
                each.id for each in documents if _is(connection.execute(KEPT, (each.id,)).fetchone(), each)
            )

    def trouble(self) -> str | None:
        """Where it is not whole."""
        return "the index is lost; it is being made anew" if self.is_lost() else None

    def is_lost(self) -> bool:
        """Unless it was built by this schema."""
        try:
            return not self.is_readable()
        except sqlite3.DatabaseError:
            return True

    def is_readable(self) -> bool:
        """Whether everything is in it. Raises sqlite3.DatabaseError for a broken file."""
        with self._file.reading() as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == BUILT)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Rebuilding:
    """The same while it is built, in one transaction: always from the beginning."""

    after: str | None = None

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
        connection.execute(
            "INSERT INTO words (rowid, name, description, attributes) VALUES (?, ?, ?, ?)",
            (number, each.name, each.description, _rest(each)),
        )
        pairs = [(*pair, number) for pair in sorted(each.attributes)]
        connection.executemany("INSERT INTO attributes VALUES (?, ?, ?)", pairs)


def _rest(document: Document) -> str:
    return " ".join([*(f"{name} {value}" for name, value in sorted(document.attributes)), *document.skus])


def _is(row: sqlite3.Row | None, document: Document) -> bool:
    """Whether the row is what `_put` would make of it, whatever the version; what is not on sale has no words."""
    if row is None or any(
        row[name] != getattr(document, name) for name in COLUMNS if name not in {"folded", "version"}
    ):
        return False
    words = (document.description, _rest(document)) if document.on_sale else (None, None)
    return (row["description"], row["attributes"]) == words


def _unavailable(error: sqlite3.DatabaseError) -> Unavailable:
    log.error("the search index cannot be read: %s", error)
    return Unavailable("search_unavailable", "lists of products cannot be had just now; a product's own page can")


def _highlights(
    connection: sqlite3.Connection, query: Query, rows: Sequence[sqlite3.Row]
) -> dict[int, dict[str, dict[str, str]]]:
    """By number: of the page only, since it is costly."""
    numbers = [row["number"] for row in rows]
    values = (BEGIN, END, BEGIN, END, match_of(terms_of(query.words)), *numbers)
    lit = connection.execute(LIGHT.format(", ".join("?" for _ in numbers)), values)
    return {row[0]: {"highlight": {"name": marked(row[1]), "description": marked(row[2])}} for row in lit}


def _content(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "slug": row["slug"],
        "name": row["name"],
        "category": row["category"],
        "price": {"amount": row["price"], "currency": row["currency"]},
        "in_stock": bool(row["in_stock"]),
    }
