"""The response of Elasticsearch as hits and facets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.kernel.money import Money
from app.modules.catalog.domain.highlighting import BEGIN, END, highlight_of
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.search import (
    LONGER,
    MAX_VALUES,
    Cursor,
    Facets,
    Hit,
    PriceRange,
    Query,
    SearchResult,
    Sort,
)
from app.modules.catalog.domain.words import Term, terms_of
from app.modules.catalog.infrastructure.search.mapping import PAIR

LIT = re.compile(f"{BEGIN}([^{END}]*){END}")


def result_of(query: Query, answer: Mapping[str, Any]) -> SearchResult:
    """Return the page, and the facets if the query requests them."""
    terms = terms_of(query.words)
    by_relevance = query.sort is Sort.RELEVANCE and bool(terms)
    hits = [_hit(terms, hit, _cursor(hit["sort"], by_relevance)) for hit in answer["hits"]["hits"]]
    return SearchResult(hits, _facets(query, answer["aggregations"]) if query.facets else None)


def _cursor(sort: list[Any], by_relevance: bool) -> Cursor:
    """Return the cursor of a hit, from the values that it is sorted by."""
    return (int(sort[0]) * LONGER - sort[1], sort[2]) if by_relevance else (sort[0], sort[1])


def _hit(terms: Sequence[Term], hit: Mapping[str, Any], cursor: Cursor) -> Hit:
    source = hit["_source"]
    similar = {word for parts in hit.get("highlight", {}).values() for part in parts for word in LIT.findall(part)}
    highlight = highlight_of(terms, similar)
    return Hit(
        id=hit["_id"],
        slug=source["slug"],
        name=source["name"],
        category=source["category"],
        price=Money(source["price"], source["currency"]),
        in_stock=source["in_stock"],
        cursor=cursor,
        image=Media(**source["image"]) if source["image"] else None,
        highlight=highlight(source["name"], source.get("description", "")),
    )


def _facets(query: Query, answer: Mapping[str, Any]) -> Facets:
    def of(kind: str) -> Any:
        return answer[kind]["variants"]["fitting"]["of"]

    def count(bucket: Mapping[str, Any]) -> int:
        every, in_stock = bucket["products"]["doc_count"], bucket["stocked"]["products"]["doc_count"]
        return int({None: every, True: in_stock, False: every - in_stock}[query.in_stock])

    stock = of("in_stock")
    in_stock = stock["stocked"]["products"]["doc_count"]
    attributes = _by_name((bucket["key"], count(bucket)) for bucket in of("attributes")["buckets"])
    for number, name in enumerate(query.attributes):
        own = _by_name((bucket["key"], count(bucket)) for bucket in of(f"attr.{number}")["buckets"])
        attributes[name] = own.get(name, {})
    prices = ((bucket, count(bucket)) for bucket in of("price")["buckets"])
    return Facets(
        categories={each["key"]: each["doc_count"] for each in answer["category"]["of"]["buckets"]},
        prices=[
            PriceRange(int(each["from"]), int(each["to"]) if "to" in each else None, hits)
            for each, hits in prices
            if hits
        ],
        in_stock=in_stock,
        out_of_stock=stock["products"]["doc_count"] - in_stock,
        attributes=dict(sorted(attributes.items())),
    )


def _by_name(counts: Iterable[tuple[str, int]]) -> dict[str, dict[str, int]]:
    """Group the counts by attribute; the most frequent values come first."""
    attributes: dict[str, dict[str, int]] = {}
    for pair, hits in sorted(counts, key=lambda each: (-each[1], each[0])):
        name, _, value = pair.partition(PAIR)
        if hits and len(attributes.setdefault(name, {})) < MAX_VALUES:
            attributes[name][value] = hits
    return {name: values for name, values in attributes.items() if values}
