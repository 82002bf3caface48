"""A query as SQL for the index in SQLite. All input of a client is bound or quoted, so it cannot inject any syntax."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.modules.catalog.domain.search import EXACTLY, IN_DESCRIPTION, IN_NAME, IN_REST, LONGER, Query, Sort
from app.modules.catalog.domain.words import Term, terms_of, whole_of

ORDERS = {
    Sort.CHEAPEST: ("p.price", "ASC", ">"),
    Sort.DEAREST: ("p.price", "DESC", "<"),
    Sort.NEWEST: ("p.created_at", "DESC", "<"),
    Sort.NAME: ("p.sort_key", "ASC", ">"),
}
FOUND = "p.number IN (SELECT rowid FROM words WHERE words MATCH ?)"


@dataclass(frozen=True)
class Part:
    """A part of a statement, and the values that it binds."""

    sql: str
    values: tuple[Any, ...] = ()


def match_of(terms: Iterable[Term], columns: str = "name description rest") -> str:
    words = (f'"{each.text.replace(chr(34), chr(34) * 2)}"' + "*" * each.begins for each in terms)
    return f"{{{columns}}} : ({' AND '.join(words)})"


def of_product(query: Query) -> Part:
    """Return the conditions on the product itself: on sale, containing the words, in one of the categories."""
    parts = [Part("p.on_sale")]
    if query.words.strip():
        terms = terms_of(query.words)
        parts.append(Part(FOUND, (match_of(terms),)) if terms else Part("0"))
    if query.categories is not None:
        parts.append(Part(f"p.category IN ({marks(query.categories)})", tuple(query.categories)))
    return _all(parts)


def of_variant(query: Query) -> Part:
    """Return the conditions that one variant must meet, except that of stock."""
    parts = [Part("s.number = p.number")]
    if query.price_min is not None:
        parts.append(Part("s.price >= ?", (query.price_min,)))
    if query.price_max is not None:
        parts.append(Part("s.price <= ?", (query.price_max,)))
    for name, values in query.attributes.items():
        having = f"s.variant IN (SELECT variant FROM attributes WHERE name = ? AND value IN ({marks(values)}))"  # noqa: S608
        parts.append(Part(having, (name, *values)))
    return _all(parts)


def page_of(query: Query) -> Part:
    """Return the statement for one page, and one hit more than it shows; rows are sorted by their column `cursor`."""
    cursor, direction, beyond = _order(query)
    where = _all([of_product(query), *_variants(query)])
    after, last = ("", ()) if query.after is None else (f"WHERE (cursor, id) {beyond} (?, ?)", query.after)
    sql = (
        f"SELECT * FROM (SELECT p.*, {cursor.sql} AS cursor FROM products p WHERE {where.sql}) {after} "  # noqa: S608
        f"ORDER BY cursor {direction}, id {direction} LIMIT ?"
    )
    return Part(sql, (*cursor.values, *where.values, *last, query.limit + 1))


def marks(values: Iterable[Any]) -> str:
    """Return a placeholder for each value."""
    return ", ".join("?" for _ in values)


def _order(query: Query) -> tuple[Part, str, str]:
    """Return the expression to sort by, the direction, and the operator that selects what comes after a cursor. By
    relevance, a query without words has the newest first."""
    terms = terms_of(query.words)
    if query.sort is Sort.RELEVANCE and terms:
        return _relevance(terms, whole_of(query.words)), "DESC", "<"
    cursor, direction, beyond = ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort]
    return Part(cursor), direction, beyond


def _relevance(terms: Iterable[Term], whole: str) -> Part:
    """Return the expression of a score that depends on nothing but the query and the product."""
    each_term = f"CASE WHEN {FOUND} THEN {IN_NAME} WHEN {FOUND} THEN {IN_DESCRIPTION} ELSE {IN_REST} END"
    scores = [Part(each_term, (match_of([each], "name"), match_of([each], "description"))) for each in terms]
    if whole:
        exactly = f"CASE WHEN {FOUND} THEN {EXACTLY} ELSE 0 END"
        scores.append(Part(exactly, (match_of([Term(whole)], "wholes"),)))
    score = " + ".join(each.sql for each in scores)
    return Part(f"({score}) * {LONGER} - p.length", tuple(value for each in scores for value in each.values))


def _variants(query: Query) -> list[Part]:
    variant = of_variant(query)
    exists = f"EXISTS (SELECT 1 FROM sold s WHERE {variant.sql})"  # noqa: S608
    in_stock = f"EXISTS (SELECT 1 FROM sold s WHERE {variant.sql} AND s.in_stock)"  # noqa: S608
    if query.in_stock:
        return [Part(in_stock, variant.values)]
    filters = [Part(exists, variant.values)] if len(variant.values) else []
    return [*filters, Part(f"NOT {in_stock}", variant.values)] if query.in_stock is False else filters


def _all(parts: Iterable[Part]) -> Part:
    every = list(parts)
    return Part(" AND ".join(each.sql for each in every), tuple(value for each in every for value in each.values))
