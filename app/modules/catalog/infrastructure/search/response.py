"""What Elasticsearch answers, as hits and facets."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.kernel.money import Money
from app.modules.catalog.domain.lighting import BEGIN, END, highlight_of
from app.modules.catalog.domain.search import LONGER, MAX_VALUES, Cursor, Facets, Found, Hit, PriceRange, Query, Sort
from app.modules.catalog.domain.words import terms_of
from app.modules.catalog.infrastructure.search.mapping import PAIR

LIT = re.compile(f"{BEGIN}([^{END}]*){END}")


def found_of(query: Query, answer: Mapping[str, Any]) -> Found:
    """One page, and the facets if they were asked for."""
    by_relevance = query.sort is Sort.RELEVANCE and bool(terms_of(query.words))
    hits = [_hit(query, hit, _cursor(hit["sort"], by_relevance)) for hit in answer["hits"]["hits"]]
    return Found(hits, _facets(query, answer["aggregations"]) if query.facets else None)


def _cursor(sort: list[Any], by_relevance: bool) -> Cursor:
    """Where a hit stands, from what it is sorted by."""
    return (int(sort[0]) * LONGER - sort[1], sort[2]) if by_relevance else (sort[0], sort[1])


def _hit(query: Query, hit: Mapping[str, Any], cursor: Cursor) -> Hit:
    kept = hit["_source"]
    similar = {word for parts in hit.get("highlight", {}).values() for part in parts for word in LIT.findall(part)}
    lit = highlight_of(terms_of(query.words), similar)
    return Hit(
        id=hit["_id"],
        slug=kept["slug"],
        name=kept["name"],
        category=kept["category"],
        price=Money(kept["price"], kept["currency"]),
        in_stock=kept["in_stock"],
        cursor=cursor,
        highlight=lit(kept["name"], kept.get("description", "")),
    )


def _facets(query: Query, answer: Mapping[str, Any]) -> Facets:
    """Categories, price ranges, in stock, and each attribute's values, with counts."""

    def of(kind: str) -> Any:
        return answer[kind]["variants"]["fitting"]["of"]

    def count(bucket: Mapping[str, Any]) -> int:
        some, here = bucket["products"]["doc_count"], bucket["stocked"]["products"]["doc_count"]
        return int({None: some, True: here, False: some - here}[query.in_stock])

    stock = of("in_stock")
    here = stock["stocked"]["products"]["doc_count"]
    attributes = _by_name((bucket["key"], count(bucket)) for bucket in of("attributes")["buckets"])
    for cursor, name in enumerate(query.attributes):
        own = _by_name((bucket["key"], count(bucket)) for bucket in of(f"attr.{cursor}")["buckets"])
        attributes[name] = own.get(name, {})
    prices = ((bucket, count(bucket)) for bucket in of("price")["buckets"])
    return Facets(
        categories={each["key"]: each["doc_count"] for each in answer["category"]["of"]["buckets"]},
        prices=[
            PriceRange(int(each["from"]), int(each["to"]) if "to" in each else None, many)
            for each, many in prices
            if many
        ],
        in_stock=here,
        out_of_stock=stock["products"]["doc_count"] - here,
        attributes=dict(sorted(attributes.items())),
    )


def _by_name(counts: Iterable[tuple[str, int]]) -> dict[str, dict[str, int]]:
    """Each attribute's values, the most frequent first."""
    found: dict[str, dict[str, int]] = {}
    for pair, many in sorted(counts, key=lambda each: (-each[1], each[0])):
        name, _, value = pair.partition(PAIR)
        if many and len(found.setdefault(name, {})) < MAX_VALUES:
            found[name][value] = many
    return {name: values for name, values in found.items() if values}
