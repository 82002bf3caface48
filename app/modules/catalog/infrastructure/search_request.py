"""A query as Elasticsearch is asked, and its answer as facets."""

import re
from itertools import pairwise
from typing import Any

from app.modules.catalog.domain.search import BEGIN, END, MOST_VALUES, PRICE_STEPS, Query, Sort, terms_of
from app.modules.catalog.infrastructure.search_mapping import PAIR

MOST_BUCKETS = 1000
ORDERS = {
    Sort.RELEVANCE: [{"_score": "desc"}, {"id": "asc"}],
    Sort.CHEAPEST: [{"price": "asc"}, {"id": "asc"}],
    Sort.DEAREST: [{"price": "desc"}, {"id": "desc"}],
    Sort.NEWEST: [{"created_at": "desc"}, {"id": "desc"}],
    Sort.NAME: [{"folded": "asc"}, {"id": "asc"}],
}
SHOWN = ["slug", "name", "category", "price", "currency", "in_stock"]
RANGES = [{"from": low, "to": high} for low, high in pairwise(PRICE_STEPS)]


def request_of(query: Query) -> dict[str, Any]:
    """One page, with one hit more than it shows. Facets count what the filters of other kinds leave."""
    terms = terms_of(query.words)
    asks_words = bool(query.words.strip())
    sort = Sort.NEWEST if query.sort is Sort.RELEVANCE and not terms else query.sort
    words = _words_of(" ".join(terms)) if terms else {"match_none": {}} if asks_words else {"match_all": {}}
    filters = _filters_of(query)
    asked: dict[str, Any] = {
        "query": {"bool": {"must": [words], "filter": [{"term": {"on_sale": True}}]}},
        "post_filter": _all(filters),
        "sort": ORDERS[sort],
        "size": query.limit + 1,
        "_source": SHOWN,
        "track_total_hits": False,
    }
    if query.after is not None:
        asked["search_after"] = list(query.after)
    if terms:
        fields = {"name": {"number_of_fragments": 0}, "description": {"fragment_size": 160, "number_of_fragments": 1}}
        asked["highlight"] = {
            "fields": fields,
            "pre_tags": [BEGIN],
            "post_tags": [END],
            "no_match_size": 160,
            "require_field_match": False,
        }
    if query.facets:
        asked["aggs"] = _facets(query, filters)
    return asked


def suggestion_of(words: str, most: int) -> dict[str, Any]:
    """Names with words that begin so; those in which the words stand side by side first."""
    fields = ["name.plain^2", "name.pairs"]
    begins = {"multi_match": {"query": words, "type": "bool_prefix", "operator": "and", "fields": fields}}
    return {
        "query": {"bool": {"must": [begins], "filter": [{"term": {"on_sale": True}}]}},
        "size": most,
        "_source": ["slug", "name"],
        "track_total_hits": False,
    }


def facets_of(query: Query, told: dict[str, Any]) -> dict[str, Any]:
    """Categories, price ranges, in stock, and each attribute's values, with counts."""
    prices = told["price"]["of"]["buckets"]
    stock = {bucket["key_as_string"]: bucket["doc_count"] for bucket in told["in_stock"]["of"]["buckets"]}
    attributes = _by_name(told["attributes"]["of"]["buckets"])
    for place, name in enumerate(query.attributes):
        attributes[name] = _by_name(told[f"attr.{place}"]["of"]["buckets"]).get(name, [])
    return {
        "category": [_counted(bucket["key"], bucket) for bucket in told["category"]["of"]["buckets"]],
        "price": [
            {"from": int(each["from"]), "to": int(each["to"]) if "to" in each else None, "count": each["doc_count"]}
            for each in prices
            if each["doc_count"]
        ],
        "in_stock": {"true": stock.get("true", 0), "false": stock.get("false", 0)},
        "attributes": dict(sorted(attributes.items())),
    }


def _words_of(words: str) -> dict[str, Any]:
    """All of them, the last also as a beginning; or all but for a typo in each, which counts for less."""
    everywhere = ["name^10", "description^4", "rest^2"]
    plainly = ["name.plain^10", "description.plain^4", "rest.plain^2"]
    typed = {"query": words, "operator": "and"}
    return {
        "bool": {
            "should": [
                {"multi_match": {**typed, "type": "cross_fields", "fields": everywhere}},
                {"multi_match": {**typed, "type": "bool_prefix", "fields": plainly}},
                {"match": {"name.plain": {**typed, "fuzziness": "AUTO", "prefix_length": 1, "boost": 0.1}}},
            ],
            "minimum_should_match": 1,
        }
    }


def _filters_of(query: Query) -> dict[str, dict[str, Any]]:
    """By kind: what a facet is counted without."""
    found: dict[str, dict[str, Any]] = {}
    if query.categories is not None:
        found["category"] = {"terms": {"category": sorted(query.categories)}}
    bounds = {"gte": query.price_min, "lte": query.price_max}
    if given := {name: bound for name, bound in bounds.items() if bound is not None}:
        found["price"] = {"range": {"price": given}}
    if query.in_stock is not None:
        found["in_stock"] = {"term": {"in_stock": query.in_stock}}
    for name, values in query.attributes.items():
        found[f"attr.{name}"] = {"terms": {"attributes": [f"{name}{PAIR}{value}" for value in values]}}
    return found


def _facets(query: Query, filters: dict[str, dict[str, Any]]) -> dict[str, Any]:
    def without(kind: str, of: dict[str, Any]) -> dict[str, Any]:
        others = {name: each for name, each in filters.items() if name != kind}
        return {"filter": _all(others), "aggs": {"of": of}}

    def values(field: str, **only: str) -> dict[str, Any]:
        return {"terms": {"field": field, "size": MOST_BUCKETS, "order": [{"_count": "desc"}, {"_key": "asc"}], **only}}

    ranges = [*RANGES, {"from": PRICE_STEPS[-1]}]
    return {
        "category": without("category", values("category")),
        "price": without("price", {"range": {"field": "price", "ranges": ranges}}),
        "in_stock": without("in_stock", values("in_stock")),
        "attributes": without("", values("attributes")),
        **{
            f"attr.{place}": without(f"attr.{name}", values("attributes", include=f"{_literally(name)}{PAIR}.*"))
            for place, name in enumerate(query.attributes)  # not every name may be one of an aggregation
        },
    }


def _literally(name: str) -> str:
    """For a regular expression of Lucene, in which almost every sign means something."""
    return re.sub(r"([^\w\s])", r"\\\1", name)


def _all(filters: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"filter": list(filters.values())}}


def _by_name(buckets: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for bucket in buckets:
        name, _, value = bucket["key"].partition(PAIR)
        listed = found.setdefault(name, [])
        if len(listed) < MOST_VALUES:
            listed.append(_counted(value, bucket))
    return found


def _counted(value: str, bucket: dict[str, Any]) -> dict[str, Any]:
    return {"value": value, "count": bucket["doc_count"]}
