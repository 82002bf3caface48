"""Search by SQLite's FTS5, in a file of its own. It serves one machine; several machines need Elasticsearch."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from app.kernel.errors import Unavailable
from app.kernel.money import Money
from app.modules.catalog.domain.highlighting import Highlight, highlight_of
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.search import (
    Document,
    Hit,
    Query,
    SearchResult,
    Suggestion,
)
from app.modules.catalog.domain.words import sort_key, terms_of
from app.modules.catalog.infrastructure.search.facets import facets_of
from app.modules.catalog.infrastructure.search.file import BUILT, TABLES, SearchFile, make_tables
from app.modules.catalog.infrastructure.search.sql import FOUND, match_of, page_of

log = logging.getLogger(__name__)

AS_THEY_ARE = (
    *("id", "version", "on_sale", "slug", "name", "description"),
    *("category", "price", "currency", "in_stock", "created_at"),
)
COLUMNS = (*AS_THEY_ARE, "sort_key", "length", "image")
PUT = (
    f"INSERT INTO products ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{name}' for name in COLUMNS)}) "  # noqa: S608
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])} "
    "WHERE excluded.version >= version RETURNING number"
)
IMAGE = msgspec.json.Decoder(Media | None)
FORGET = (
    "DELETE FROM attributes WHERE variant IN (SELECT variant FROM sold WHERE number = ?)",
    "DELETE FROM sold WHERE number = ?",
    "DELETE FROM words WHERE rowid = ?",
)
STORED_SOLD = "SELECT variant, sku, price, in_stock FROM sold WHERE number = ? ORDER BY sku"
STORED_ATTRIBUTES = "SELECT name, value FROM attributes WHERE variant = ?"
SUGGEST = f"SELECT p.slug, p.name FROM products p WHERE p.on_sale AND {FOUND} ORDER BY p.length, p.id DESC LIMIT ?"  # noqa: S608


class Fts5Search:
    """Finds products in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._file = SearchFile(path)

    def put(self, documents: Iterable[Document]) -> None:
        with self._file.writing() as connection:
            _put(connection, documents)

    def find(self, query: Query) -> SearchResult:
        """Raises Unavailable(search_unavailable) while the file is broken."""
        page, terms = page_of(query), terms_of(query.words)
        try:
            with self._file.reading() as connection:
                rows = connection.execute(page.sql, page.values).fetchall()
                facets = facets_of(connection, query) if query.facets else None
        except sqlite3.DatabaseError as error:
            raise _unavailable(error) from error
        highlight = highlight_of(terms)
        return SearchResult([_hit(row, highlight(row["name"], row["description"])) for row in rows], facets)

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """Raises Unavailable(search_unavailable) while the file is broken."""
        terms = terms_of(words)
        if not terms:
            return []
        try:
            with self._file.reading() as connection:
                rows = connection.execute(SUGGEST, (match_of(terms, "name"), limit)).fetchall()
        except sqlite3.DatabaseError as error:
            raise _unavailable(error) from error
        return [Suggestion(row["slug"], row["name"]) for row in rows]

    @contextmanager
    def rebuild(self) -> Iterator["_Rebuilding"]:
        """Rebuild in one transaction; a broken file is deleted first."""
        try:
            self.is_readable()
        except sqlite3.DatabaseError:
            self._file.delete()
        with self._file.writing() as connection:
            for table in TABLES:  # those of an older edition may have other columns
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            make_tables(connection)
            yield _Rebuilding(connection)
            connection.execute(f"PRAGMA user_version = {BUILT}")

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        with self._file.reading() as connection:
            rows = connection.execute("SELECT id, version FROM products WHERE id > ? AND id <= ?", (after, upto))
            return {row["id"]: row["version"] for row in rows}

    def count(self) -> int:
        with self._file.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM products").fetchone()[0])

    def same_content(self, documents: Sequence[Document]) -> frozenset[str]:
        with self._file.reading() as connection:
            return frozenset(each.id for each in documents if _stored(connection, each.id) == (_row(each), _sold(each)))

    def trouble(self) -> str | None:
        if self.is_lost():
            return "the index is lost and is being rebuilt"
        return None if self._file.is_writable() else "the index is read-only: searches do not see changes"

    def is_lost(self) -> bool:
        try:
            return not self.is_readable()
        except sqlite3.DatabaseError:
            return True

    def is_readable(self) -> bool:
        """Whether the index is complete and of the current edition. Raises sqlite3.DatabaseError for a broken file."""
        with self._file.reading() as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == BUILT)

    def close(self) -> None:
        self._file.close()


class _Rebuilding:
    """The index while it is rebuilt in one transaction. An interrupted attempt leaves nothing, so `after` is None."""

    after: str | None = None

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, documents: Iterable[Document]) -> None:
        _put(self._connection, documents)


def _put(connection: sqlite3.Connection, documents: Iterable[Document]) -> None:
    for each in documents:
        written = connection.execute(PUT, _row(each) | {"version": each.version}).fetchall()
        if not written:  # the index has a newer version
            continue
        number = written[0]["number"]
        for statement in FORGET:
            connection.execute(statement, (number,))
        if not each.on_sale:
            continue
        connection.execute(
            "INSERT INTO words (rowid, name, description, rest, wholes) VALUES (?, ?, ?, ?, ?)", (number, *_words(each))
        )
        for (sku, price, in_stock), pairs in _sold(each):
            added = connection.execute(
                "INSERT INTO sold (number, sku, price, in_stock) VALUES (?, ?, ?, ?)", (number, sku, price, in_stock)
            )
            connection.executemany(
                "INSERT INTO attributes VALUES (?, ?, ?)", [(*pair, added.lastrowid) for pair in pairs]
            )


def _row(document: Document) -> dict[str, Any]:
    """Return the columns of a product, without its version."""
    row = {name: getattr(document, name) for name in AS_THEY_ARE if name != "version"}
    image = msgspec.json.encode(document.image).decode()
    return row | {"sort_key": sort_key(document.name), "length": document.length, "image": image}


def _words(document: Document) -> list[str]:
    return [" ".join(words) for words in (*document.words, document.wholes)]


def _sold(document: Document) -> list[tuple[tuple[Any, ...], list[tuple[str, str]]]]:
    """Return the variants on sale, each with its attributes; none if the product is not on sale."""
    sold = sorted(document.variants, key=lambda each: each.sku) if document.on_sale else []
    return [((each.sku, each.price, each.in_stock), sorted(each.attributes)) for each in sold]


def _stored(connection: sqlite3.Connection, id: str) -> Any:
    """Return a product as it is stored, without its version."""
    row = connection.execute("SELECT * FROM products WHERE id = ?", (id,)).fetchone()
    if row is None:
        return None
    sold = []
    for variant, *rest in connection.execute(STORED_SOLD, (row["number"],)).fetchall():
        pairs = connection.execute(STORED_ATTRIBUTES, (variant,)).fetchall()
        sold.append((tuple(rest), sorted(tuple(pair) for pair in pairs)))
    return {name: row[name] for name in COLUMNS if name != "version"}, sold


def _unavailable(error: sqlite3.DatabaseError) -> Unavailable:
    log.error("the search index cannot be read: %s", error)
    return Unavailable(
        "search_unavailable", "lists of products are not available now; the pages of single products are"
    )


def _hit(row: sqlite3.Row, highlight: Highlight | None) -> Hit:
    price, cursor, image = Money(row["price"], row["currency"]), (row["cursor"], row["id"]), IMAGE.decode(row["image"])
    in_stock = bool(row["in_stock"])
    return Hit(row["id"], row["slug"], row["name"], row["category"], price, in_stock, cursor, image, highlight)
