"""A query as a request to Elasticsearch."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from app.modules.catalog.domain.highlighting import BEGIN, END
from app.modules.catalog.domain.search import (
    EXACTLY,
    IN_DESCRIPTION,
    IN_NAME,
    IN_REST,
    LONGER,
    PRICE_STEPS,
    Cursor,
    Query,
    Sort,
)
from app.modules.catalog.domain.words import Term, terms_of, whole_of
from app.modules.catalog.infrastructure.search.mapping import PAIR

MAX_BUCKETS, MAX_CATEGORIES, MAX_TYPOS = 1000, 10_000, 1000
SIMILAR_IN_NAME, SIMILAR = 5, 1  # scores of a word found by its stem or a synonym; compare IN_NAME in domain/search
TYPO = 1
RELEVANT = [{"_score": "desc"}, {"length": "asc"}, {"id": "desc"}]
RANKED = [{"rank": "asc"}, {"id": "desc"}]  # as RELEVANT, where all scores are equal
ORDERS = {
    Sort.CHEAPEST: [{"price": "asc"}, {"id": "asc"}],
    Sort.DEAREST: [{"price": "desc"}, {"id": "desc"}],
    Sort.NEWEST: [{"created_at": "desc"}, {"id": "desc"}],
    Sort.NAME: [{"sort_key": "asc"}, {"id": "asc"}],
}
SHOWN = ["slug", "name", "category", "price", "currency", "in_stock", "image"]
FIELDS = {"words.name": IN_NAME, "words.description": IN_DESCRIPTION, "words.rest": IN_REST}
RANGES = [*({"from": low, "to": high} for low, high in pairwise(PRICE_STEPS)), {"from": PRICE_STEPS[-1]}]


def request_of(query: Query, despite_typos: bool = False) -> dict[str, Any]:
    """Request one page, and one hit more than it shows: what contains the words, or their stems or synonyms.

    With `despite_typos`, request instead what the words are misspelt names of. A facet counts what the filters of the
    other kinds leave, so with facets the filters apply to the hits alone.
    """
    terms = terms_of(query.words)
    on_sale, filters = {"term": {"on_sale": True}}, filters_of(query)
    request: dict[str, Any] = {
        "query": {"bool": {"filter": [on_sale] if query.facets else [on_sale, *filters]}},
        "sort": _order(query, terms),
        "size": query.limit + 1,
        "_source": [*SHOWN, "description"] if terms else SHOWN,
        "track_total_hits": False,
    }
    if query.after is not None:
        request["search_after"] = _after(query.after) if request["sort"] is RELEVANT else list(query.after)
    if terms:
        words = _misspelt(terms) if despite_typos else _words_of(terms, whole_of(query.words))
        request["query"]["bool"]["must"] = [words]
        request["highlight"] = _highlight(terms, despite_typos)
    elif query.words.strip():
        request["query"]["bool"]["must"] = [{"match_none": {}}]
    if query.facets:
        request |= {"post_filter": all_of(filters), "aggs": _facets(query)}
    return request


def suggestion_of(terms: Iterable[Term], limit: int) -> dict[str, Any]:
    """Request products on sale whose names contain all of the terms, the shortest names first."""
    return {
        "query": all_of([*in_names(terms), {"term": {"on_sale": True}}]),
        "sort": RANKED,
        "size": limit,
        "_source": ["slug", "name"],
        "track_total_hits": False,
    }


def in_names(terms: Iterable[Term]) -> list[dict[str, Any]]:
    """Return the filters of products whose names contain all of the terms."""
    return [_term("words.name", term) for term in terms]


def filters_of(query: Query) -> list[dict[str, Any]]:
    """Return the filters of a query, without its words. Those of price and stock alone need no look at each variant."""
    filters: list[dict[str, Any]] = []
    if query.categories is not None:
        filters.append({"terms": {"category": sorted(query.categories)}})
    if query.attributes:
        variant = _of_variant(query)
        some, in_stock = [_some(variant)], _some([*variant, {"term": {"variants.in_stock": True}}])
    elif bounds := _bounds(query):
        some, in_stock = [{"range": {"prices": bounds}}], {"range": {"prices_in_stock": bounds}}
    else:
        some, in_stock = [], {"term": {"in_stock": True}}
    if query.in_stock:
        return [*filters, in_stock]
    return [*filters, *some, {"bool": {"must_not": [in_stock]}}] if query.in_stock is False else [*filters, *some]


def all_of(filters: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a query for what passes all of the filters; all products have the same score."""
    return {"bool": {"filter": filters}}


def _order(query: Query, terms: list[Term]) -> list[dict[str, Any]]:
    if query.sort is Sort.RELEVANCE and terms:
        return RELEVANT
    return ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort]


def _after(cursor: Cursor) -> list[Any]:
    score = -(-int(cursor[0]) // LONGER)
    return [score, score * LONGER - int(cursor[0]), cursor[1]]


def _words_of(terms: list[Term], whole: str) -> dict[str, Any]:
    """Match all terms exactly, with the same score as in the other indexes; or, with lower scores, by stems and
    synonyms.

    Scores are sums of constants, so they do not depend on the other products in the index.
    """
    typed = {"query": _typed(terms), "operator": "and"}
    stems = [f"{name}.stems" for name in FIELDS]
    exactly = [_worth(EXACTLY, {"term": {"wholes": whole}})] if whole else []
    alternatives = [
        {"bool": {"must": [_anywhere(term) for term in terms], "should": exactly}},
        _worth(SIMILAR_IN_NAME * len(terms), {"match": {"words.name.stems": typed}}),
        _worth(SIMILAR, {"multi_match": {**typed, "type": "cross_fields", "fields": stems}}),
    ]
    return {"dis_max": {"queries": alternatives}}


def _misspelt(terms: list[Term]) -> dict[str, Any]:
    typos = {"fuzziness": "AUTO", "prefix_length": 1, "max_expansions": MAX_TYPOS}
    return _worth(TYPO, {"match": {"words.name": {"query": _typed(terms), "operator": "and", **typos}}})


def _highlight(terms: list[Term], despite_typos: bool) -> dict[str, Any]:
    """Mark the words that the terms are found by; but not the terms themselves, which response.py finds faster.

    The plain highlighter analyses a text again, but these are short, and it does not expand the whole query for each.
    """
    marked: dict[str, Any] = {"type": "plain", "pre_tags": [BEGIN], "post_tags": [END]}
    if despite_typos:
        return marked | {"fields": {"words.name": {"number_of_fragments": 0}}}
    fields = {"words.name.stems": {"number_of_fragments": 0}, "words.description.stems": {"number_of_fragments": 1}}
    similar = {"multi_match": {"query": _typed(terms), "fields": list(fields)}}
    return marked | {"fields": fields, "highlight_query": similar}


def _typed(terms: Iterable[Term]) -> str:
    return " ".join(term.text for term in terms)


def _anywhere(term: Term) -> dict[str, Any]:
    return {"dis_max": {"queries": [_worth(score, _term(field, term)) for field, score in FIELDS.items()]}}


def _term(field: str, term: Term) -> dict[str, Any]:
    return {"prefix" if term.begins else "term": {field: {"value": term.text}}}


def _worth(score: int, match: dict[str, Any]) -> dict[str, Any]:
    return {"constant_score": {"filter": match, "boost": score}}


def _of_variant(query: Query) -> list[dict[str, Any]]:
    """Return the filters that one variant must meet, except that of stock."""
    filters: list[dict[str, Any]] = []
    if bounds := _bounds(query):
        filters.append({"range": {"variants.price": bounds}})
    for name, values in query.attributes.items():
        filters.append({"terms": {"variants.attributes": [f"{name}{PAIR}{value}" for value in values]}})
    return filters


def _bounds(query: Query) -> dict[str, int]:
    bounds = {"gte": query.price_min, "lte": query.price_max}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _some(variant: list[dict[str, Any]]) -> dict[str, Any]:
    return {"nested": {"path": "variants", "query": all_of(variant)}}


def _facets(query: Query) -> dict[str, Any]:
    def values(**only: str) -> dict[str, Any]:
        return {"terms": {"field": "variants.attributes", "size": MAX_BUCKETS, **only}}

    prices = {"range": {"field": "variants.price", "ranges": RANGES}}
    own = {
        f"attr.{number}": _counts(
            replace(query, attributes={other: each for other, each in query.attributes.items() if other != name}),
            values(include=f"{_literally(name)}{PAIR}.*"),
        )
        for number, name in enumerate(query.attributes)  # by number: Elasticsearch refuses some names of aggregations
    }
    every_category = {"terms": {"field": "category", "size": MAX_CATEGORIES}}
    return {
        "category": {"filter": all_of(filters_of(replace(query, categories=None))), "aggs": {"of": every_category}},
        "price": _counts(replace(query, price_min=None, price_max=None), prices),
        "in_stock": _counts(replace(query, in_stock=None), {"filter": {"match_all": {}}}),
        "attributes": _counts(query, values()),
        **own,
    }


def _counts(query: Query, of: dict[str, Any]) -> dict[str, Any]:
    """Count the products with a matching variant, and those with one in stock; response.py takes one or the
    difference."""
    products: dict[str, Any] = {"products": {"reverse_nested": {}}}
    stocked = {"stocked": {"filter": {"term": {"variants.in_stock": True}}, "aggs": products}}
    fitting = {"filter": all_of(_of_variant(query)), "aggs": {"of": {**of, "aggs": {**products, **stocked}}}}
    hits = all_of(filters_of(replace(query, in_stock=None)))
    return {"filter": hits, "aggs": {"variants": {"nested": {"path": "variants"}, "aggs": {"fitting": fitting}}}}


def _literally(name: str) -> str:
    """Escape a name for a regular expression of Lucene, in which almost every sign has a meaning."""
    return re.sub(r"([^\w\s])", r"\\\1", name)
