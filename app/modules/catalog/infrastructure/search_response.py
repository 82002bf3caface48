"""What Elasticsearch answers, as hits and facets."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.modules.catalog.domain.lighting import BEGIN, END, highlight_of
from app.modules.catalog.domain.search import LONGER, MOST_VALUES, Found, Hit, Place, Query, Sort
from app.modules.catalog.domain.words import terms_of
from app.modules.catalog.infrastructure.search_mapping import PAIR

LIT = re.compile(f"{BEGIN}([^{END}]*){END}")


def found_of(query: Query, told: Mapping[str, Any]) -> Found:
    """One page, and the facets if they were asked for."""
    by_relevance = query.sort is Sort.RELEVANCE and bool(terms_of(query.words))
    hits = [Hit(_content(query, hit), _place(hit["sort"], by_relevance)) for hit in told["hits"]["hits"]]
    return Found(hits, _facets(query, told["aggregations"]) if query.facets else None)


def _place(sort: list[Any], by_relevance: bool) -> Place:
    """Where a hit stands, from what it is sorted by."""
    return (int(sort[0]) * LONGER - sort[1], sort[2]) if by_relevance else (sort[0], sort[1])


def _content(query: Query, hit: Mapping[str, Any]) -> dict[str, Any]:
    kept = hit["_source"]
    similar = {word for parts in hit.get("highlight", {}).values() for part in parts for word in LIT.findall(part)}
    lit = highlight_of(terms_of(query.words), similar)
    return {
        "id": hit["_id"],
        "slug": kept["slug"],
        "name": kept["name"],
        "category": kept["category"],
        "price": {"amount": kept["price"], "currency": kept["currency"]},
        "in_stock": kept["in_stock"],
        **lit(kept["name"], kept.get("description", "")),
    }


def _facets(query: Query, told: Mapping[str, Any]) -> dict[str, Any]:
    """Categories, price ranges, in stock, and each attribute's values, with counts."""

    def of(kind: str) -> Any:
        return told[kind]["variants"]["fitting"]["of"]

    def count(bucket: Mapping[str, Any]) -> int:
        some, here = bucket["products"]["doc_count"], bucket["stocked"]["products"]["doc_count"]
        return int({None: some, True: here, False: some - here}[query.in_stock])

    stock = of("in_stock")
    here = stock["stocked"]["products"]["doc_count"]
    attributes = _by_name((bucket["key"], count(bucket)) for bucket in of("attributes")["buckets"])
    for place, name in enumerate(query.attributes):
        own = _by_name((bucket["key"], count(bucket)) for bucket in of(f"attr.{place}")["buckets"])
        attributes[name] = own.get(name, [])
    prices = ((bucket, count(bucket)) for bucket in of("price")["buckets"])
    return {
        "category": [{"value": each["key"], "count": each["doc_count"]} for each in told["category"]["of"]["buckets"]],
        "price": [
            {"from": int(each["from"]), "to": int(each["to"]) if "to" in each else None, "count": many}
            for each, many in prices
            if many
        ],
        "in_stock": {"true": here, "false": stock["products"]["doc_count"] - here},
        "attributes": dict(sorted(attributes.items())),
    }


def _by_name(counts: Iterable[tuple[str, int]]) -> dict[str, list[dict[str, Any]]]:
    """Each attribute's values, the most frequent first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for pair, many in sorted(counts, key=lambda each: (-each[1], each[0])):
        name, _, value = pair.partition(PAIR)
        if many and len(found.setdefault(name, [])) < MOST_VALUES:
            found[name].append({"value": value, "count": many})
    return {name: values for name, values in found.items() if values}
