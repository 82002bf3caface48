"""A query as SQL for the index. Everything that a caller wrote is bound or quoted; no syntax of theirs gets through."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.modules.catalog.domain.search import Query, Sort, terms_of

SCORE = "bm25(words, 10.0, 4.0, 2.0)"  # name above description above attributes; the best is the lowest
ORDERS = {
    Sort.RELEVANCE: (SCORE, "ASC", ">"),
    Sort.CHEAPEST: ("p.price", "ASC", ">"),
    Sort.DEAREST: ("p.price", "DESC", "<"),
    Sort.NEWEST: ("p.created_at", "DESC", "<"),
    Sort.NAME: ("p.folded", "ASC", ">"),
}


@dataclass(frozen=True)
class Condition:
    """A part of WHERE; `about` names the filter it comes from, so that a facet can be counted without its own."""

    about: str
    sql: str
    values: tuple[Any, ...] = ()


def match_of(terms: Iterable[str]) -> str:
    """All of them, the last also as a beginning."""
    return " ".join(f'"{term}"' for term in terms) + "*"


def conditions_of(query: Query) -> list[Condition]:
    """What each hit must be."""
    found = [Condition("", "p.on_sale")]
    if query.words.strip():
        terms = terms_of(query.words)
        found.append(Condition("", "words MATCH ?", (match_of(terms),)) if terms else Condition("", "0"))
    if query.categories is not None:
        found.append(Condition("category", f"p.category IN ({marks(query.categories)})", tuple(query.categories)))
    if query.price_min is not None:
        found.append(Condition("price", "p.price >= ?", (query.price_min,)))
    if query.price_max is not None:
        found.append(Condition("price", "p.price <= ?", (query.price_max,)))
    if query.in_stock is not None:
        found.append(Condition("in_stock", "p.in_stock = ?", (int(query.in_stock),)))
    for name, values in query.attributes.items():
        having = f"p.number IN (SELECT number FROM attributes WHERE name = ? AND value IN ({marks(values)}))"  # noqa: S608
        found.append(Condition(f"attr.{name}", having, (name, *values)))
    return found


def source_of(query: Query) -> str:
    """Where hits come from."""
    return "words JOIN products p ON p.number = words.rowid" if reads_words(query) else "products p"


def page_of(query: Query) -> tuple[str, list[Any]]:
    """The statement for one page, with one hit more than it shows; each row's `place` is what it is sorted by."""
    sort = query.sort
    if sort is Sort.RELEVANCE and not reads_words(query):
        sort = Sort.NEWEST
    place, direction, beyond = ORDERS[sort]
    conditions = conditions_of(query)
    if query.after is not None:
        conditions.append(Condition("", f"({place}, p.id) {beyond} (?, ?)", query.after))
    where, values = joined(conditions)
    sql = (
        f"SELECT p.*, {place} AS place FROM {source_of(query)} WHERE {where} "  # noqa: S608 — made of the closed parts above
        f"ORDER BY {place} {direction}, p.id {direction} LIMIT ?"
    )
    return sql, [*values, query.limit + 1]


def joined(conditions: Iterable[Condition], without: str | None = None) -> tuple[str, list[Any]]:
    """All of them, but for those about one filter."""
    kept = [each for each in conditions if without is None or each.about != without]
    return " AND ".join(each.sql for each in kept), [value for each in kept for value in each.values]


def marks(values: Iterable[Any]) -> str:
    """As many question marks."""
    return ", ".join("?" for _ in values)


def reads_words(query: Query) -> bool:
    """Whether words are looked for."""
    return bool(query.words.strip() and terms_of(query.words))
