"""Facets in SQL: the number of hits that each further filter would leave.

A facet is counted without the filter of its own kind, so that it shows the other values that could be chosen. As in the
filters, all conditions must be met by the same variant.
"""

import sqlite3
from dataclasses import replace
from itertools import islice
from typing import Any

from app.modules.catalog.domain.search import MAX_VALUES, PRICE_STEPS, Facets, PriceRange, Query
from app.modules.catalog.infrastructure.search.sql import of_product, of_variant

RANGE = "CASE " + " ".join(f"WHEN s.price >= {step} THEN {step}" for step in reversed(PRICE_STEPS)) + " END"
ATTRIBUTES = "JOIN attributes a ON a.variant = s.variant"


def facets_of(connection: sqlite3.Connection, query: Query) -> Facets:
    prices = _counts(connection, replace(query, price_min=None, price_max=None), RANGE)
    stock = _counts(connection, replace(query, in_stock=None), "1", of="stocked")
    categories = _counts(connection, replace(query, categories=None), "p.category")
    return Facets(
        categories=categories,
        prices=[
            PriceRange(low, high, prices[low])
            for low, high in zip(PRICE_STEPS, (*PRICE_STEPS[1:], None), strict=True)
            if low in prices
        ],
        in_stock=stock.get(1, 0),
        out_of_stock=stock.get(0, 0),
        attributes=_attributes(connection, query),
    )


def _attributes(connection: sqlite3.Connection, query: Query) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for row in _rows(connection, query, "a.value", name="a.name", join=ATTRIBUTES):
        counts.setdefault(row["name"], {})[row["value"]] = row["hits"]
    for name in query.attributes:
        others = {other: values for other, values in query.attributes.items() if other != name}
        only = f"{ATTRIBUTES} AND a.name = ?"
        rows = _rows(connection, replace(query, attributes=others), "a.value", join=only, joined=(name,))
        counts[name] = {row["value"]: row["hits"] for row in rows}
    return {name: dict(islice(values.items(), MAX_VALUES)) for name, values in sorted(counts.items())}


def _counts(connection: sqlite3.Connection, query: Query, value: str, of: str = "value") -> dict[Any, int]:
    return {row["value"]: row["hits"] for row in _rows(connection, query, value, of=of)}


def _rows(
    connection: sqlite3.Connection,
    query: Query,
    value: str,
    *,
    of: str = "value",
    name: str = "''",
    join: str = "",
    joined: tuple[str, ...] = (),
) -> list[sqlite3.Row]:
    """Count for each value the products with a matching variant; if the query filters by stock, only those with one in
    stock, or with none."""
    product, variant = of_product(query), of_variant(query)
    stocked = () if query.in_stock is None else (int(query.in_stock),)
    sql = (
        f"SELECT name, {of} AS value, count(*) AS hits FROM ("  # noqa: S608 — made of closed parts
        f"SELECT {name} AS name, {value} AS value, p.number, max(s.in_stock) AS stocked "
        f"FROM products p CROSS JOIN sold s {join} WHERE {product.sql} AND {variant.sql} GROUP BY 1, 2, 3"
        f") WHERE value IS NOT NULL {'AND stocked = ?' * len(stocked)} GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
    )
    return connection.execute(sql, (*joined, *product.values, *variant.values, *stocked)).fetchall()
