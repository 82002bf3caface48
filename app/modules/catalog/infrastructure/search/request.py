"""A query as Elasticsearch is asked."""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from app.modules.catalog.domain.lighting import BEGIN, END
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

MAX_BUCKETS, MAX_TYPOS = 1000, 1000
SIMILAR_IN_NAME, SIMILAR = 5, 1  # for each word whose stem or synonym is found; as in search.IN_NAME and the others
TYPO = 1
RELEVANT = [{"_score": "desc"}, {"length": "asc"}, {"id": "desc"}]
ORDERS = {
    Sort.CHEAPEST: [{"price": "asc"}, {"id": "asc"}],
    Sort.DEAREST: [{"price": "desc"}, {"id": "desc"}],
    Sort.NEWEST: [{"created_at": "desc"}, {"id": "desc"}],
    Sort.NAME: [{"sort_key": "asc"}, {"id": "asc"}],
}
SHOWN = ["slug", "name", "category", "price", "currency", "in_stock"]
FIELDS = {"words.name": IN_NAME, "words.description": IN_DESCRIPTION, "words.rest": IN_REST}
RANGES = [*({"from": low, "to": high} for low, high in pairwise(PRICE_STEPS)), {"from": PRICE_STEPS[-1]}]


def request_of(query: Query) -> dict[str, Any]:
    """One page, with one hit more than it shows. Facets count what the filters of other kinds leave."""
    terms = terms_of(query.words)
    words = (
        _words_of(terms, whole_of(query.words)) if terms else {"match_none" if query.words.strip() else "match_all": {}}
    )
    asked: dict[str, Any] = {
        "query": {"bool": {"must": [words], "filter": [{"term": {"on_sale": True}}]}},
        "post_filter": _all(filters_of(query)),
        "sort": _order(query, terms),
        "size": query.limit + 1,
        "_source": [*SHOWN, "description"] if terms else SHOWN,
        "track_total_hits": False,
    }
    if query.after is not None:
        asked["search_after"] = _after(query.after) if asked["sort"] is RELEVANT else list(query.after)
    if terms:
        fields = {"words.name": {"number_of_fragments": 0}, "words.description": {"number_of_fragments": 1}}
        fields = fields | {f"{name}.stems": each for name, each in fields.items()}
        asked["highlight"] = {"fields": fields, "pre_tags": [BEGIN], "post_tags": [END]}
    if query.facets:
        asked["aggs"] = _facets(query)
    return asked


def suggestion_of(terms: Iterable[Term], limit: int) -> dict[str, Any]:
    """Names with words that begin so."""
    found = [_term("words.name", term) for term in terms]
    return {
        "query": {"bool": {"filter": [*found, {"term": {"on_sale": True}}]}},
        "sort": [{"length": "asc"}, {"id": "desc"}],
        "size": limit,
        "_source": ["slug", "name"],
        "track_total_hits": False,
    }


def filters_of(query: Query) -> list[dict[str, Any]]:
    """What is asked of a hit besides words."""
    found: list[dict[str, Any]] = []
    if query.categories is not None:
        found.append({"terms": {"category": sorted(query.categories)}})
    variant = _of_variant(query)
    here = _some([*variant, {"term": {"variants.in_stock": True}}])
    if query.in_stock:
        return [*found, here]
    if variant:
        found.append(_some(variant))
    return [*found, {"bool": {"must_not": [here]}}] if query.in_stock is False else found


def _order(query: Query, terms: list[Term]) -> list[dict[str, Any]]:
    if query.sort is Sort.RELEVANCE and terms:
        return RELEVANT
    return ORDERS[Sort.NEWEST if query.sort is Sort.RELEVANCE else query.sort]


def _after(cursor: Cursor) -> list[Any]:
    score = -(-int(cursor[0]) // LONGER)
    return [score, score * LONGER - int(cursor[0]), cursor[1]]


def _words_of(terms: list[Term], whole: str) -> dict[str, Any]:
    """All of them as they are, with the score of every other index; else by stems and synonyms, or but for a typo.

    Scores are constants that add up: they do not change with what else is in the index.
    """
    typed = {"query": " ".join(term.text for term in terms), "operator": "and"}
    stems = [f"{name}.stems" for name in FIELDS]
    typos = {**typed, "fuzziness": "AUTO", "prefix_length": 1, "max_expansions": MAX_TYPOS}
    exactly = [_worth(EXACTLY, {"term": {"wholes": whole}})] if whole else []
    ways = [
        {"bool": {"must": [_anywhere(term) for term in terms], "should": exactly}},
        _worth(SIMILAR_IN_NAME * len(terms), {"match": {"words.name.stems": typed}}),
        _worth(SIMILAR, {"multi_match": {**typed, "type": "cross_fields", "fields": stems}}),
        _worth(TYPO, {"match": {"words.name": typos}}),
    ]
    return {"dis_max": {"queries": ways}}


def _anywhere(term: Term) -> dict[str, Any]:
    return {"dis_max": {"queries": [_worth(score, _term(field, term)) for field, score in FIELDS.items()]}}


def _term(field: str, term: Term) -> dict[str, Any]:
    return {"prefix" if term.begins else "term": {field: {"value": term.text}}}


def _worth(score: int, found: dict[str, Any]) -> dict[str, Any]:
    return {"constant_score": {"filter": found, "boost": score}}


def _of_variant(query: Query) -> list[dict[str, Any]]:
    """What one of its variants must be, whether in stock or not."""
    found: list[dict[str, Any]] = []
    bounds = {"gte": query.price_min, "lte": query.price_max}
    if given := {name: bound for name, bound in bounds.items() if bound is not None}:
        found.append({"range": {"variants.price": given}})
    for name, values in query.attributes.items():
        found.append({"terms": {"variants.attributes": [f"{name}{PAIR}{value}" for value in values]}})
    return found


def _some(variant: list[dict[str, Any]]) -> dict[str, Any]:
    return {"nested": {"path": "variants", "query": _all(variant)}}


def _facets(query: Query) -> dict[str, Any]:
    def values(**only: str) -> dict[str, Any]:
        return {"terms": {"field": "variants.attributes", "size": MAX_BUCKETS, **only}}

    prices = {"range": {"field": "variants.price", "ranges": RANGES}}
    own = {
        f"attr.{cursor}": _counts(
            replace(query, attributes={other: each for other, each in query.attributes.items() if other != name}),
            values(include=f"{_literally(name)}{PAIR}.*"),
        )
        for cursor, name in enumerate(query.attributes)  # not every name may be one of an aggregation
    }
    every_category = {"terms": {"field": "category", "size": MAX_BUCKETS}}
    return {
        "category": {"filter": _all(filters_of(replace(query, categories=None))), "aggs": {"of": every_category}},
        "price": _counts(replace(query, price_min=None, price_max=None), prices),
        "in_stock": _counts(replace(query, in_stock=None), {"filter": {"match_all": {}}}),
        "attributes": _counts(query, values()),
        **own,
    }


def _counts(query: Query, of: dict[str, Any]) -> dict[str, Any]:
    """Products by their variants: those with any that fits, and those with one in stock; the answer is made of both."""
    products: dict[str, Any] = {"products": {"reverse_nested": {}}}
    stocked = {"stocked": {"filter": {"term": {"variants.in_stock": True}}, "aggs": products}}
    fitting = {"filter": _all(_of_variant(query)), "aggs": {"of": {**of, "aggs": {**products, **stocked}}}}
    hits = _all(filters_of(replace(query, in_stock=None)))
    return {"filter": hits, "aggs": {"variants": {"nested": {"path": "variants"}, "aggs": {"fitting": fitting}}}}


def _literally(name: str) -> str:
    """For a regular expression of Lucene, in which almost every sign means something."""
    return re.sub(r"([^\w\s])", r"\\\1", name)


def _all(filters: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"filter": filters}}
