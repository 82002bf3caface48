"""Facets: how many hits each further choice would have. A facet is counted without the filter of its own kind, so that
it shows what else could be chosen."""

import sqlite3
from typing import Any

from app.modules.catalog.domain.search import MOST_VALUES, PRICE_STEPS, Query
from app.modules.catalog.infrastructure.search_question import conditions_of, joined, source_of

RANGE = "CASE " + " ".join(f"WHEN p.price >= {step} THEN {step}" for step in reversed(PRICE_STEPS)) + " END"


def facets_of(connection: sqlite3.Connection, query: Query) -> dict[str, Any]:
    """Categories, price ranges, in stock, and each attribute's values, with counts."""
    prices = dict(_counted(connection, query, RANGE, "price"))
    stock = dict(_counted(connection, query, "p.in_stock", "in_stock"))
    return {
        "category": [
            {"value": slug, "count": count}
            for slug, count in _counted(connection, query, "p.category", "category")
            if slug is not None
        ],
        "price": [
            {"from": low, "to": high, "count": prices[low]}
            for low, high in zip(PRICE_STEPS, (*PRICE_STEPS[1:], None), strict=True)
            if low in prices
        ],
        "in_stock": {"true": stock.get(1, 0), "false": stock.get(0, 0)},
        "attributes": _attributes(connection, query),
    }


def _counted(connection: sqlite3.Connection, query: Query, what: str, without: str) -> list[tuple[Any, int]]:
    where, values = joined(conditions_of(query), without)
    sql = (
        f"SELECT {what} AS value, count(*) AS hits FROM {source_of(query)} WHERE {where} GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608
    )
    return [(row["value"], row["hits"]) for row in connection.execute(sql, values)]


def _attributes(connection: sqlite3.Connection, query: Query) -> dict[str, list[dict[str, Any]]]:
    found = _values(connection, query, without=None)
    for name in query.attributes:
        found[name] = _values(connection, query, without=name).get(name, [])
    return dict(sorted(found.items()))


def _values(connection: sqlite3.Connection, query: Query, without: str | None) -> dict[str, list[dict[str, Any]]]:
    where, values = joined(conditions_of(query), f"attr.{without}" if without else None)
    only = "AND a.name = ?" if without else ""
    sql = (
        f"SELECT a.name, a.value, count(*) AS hits FROM {source_of(query)} JOIN attributes a ON a.number = p.number "  # noqa: S608
        f"WHERE {where} {only} GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(sql, [*values, *([without] if without else [])]):
        listed = found.setdefault(row["name"], [])
        if len(listed) < MOST_VALUES:
            listed.append({"value": row["value"], "count": row["hits"]})
    return found
