"""First pages of words that many products have, by names alone.

Elasticsearch compares all products with the same score: of a word that 100,000 names contain it looks at each of them.
If all products of a page contain the words in their names, they are those with the lowest ranks, and of a list that is
sorted by rank alone it looks only at those that come first.
"""

from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch

from app.modules.catalog.domain.search import IN_NAME, Query, Sort
from app.modules.catalog.domain.words import terms_of, whole_of
from app.modules.catalog.infrastructure.search.mapping import length_of
from app.modules.catalog.infrastructure.search.request import RANKED, all_of, in_names, request_of

MANY = 10_000  # products that match; Elasticsearch counts no further
MAX_FREQUENT = 1_000  # searches that are remembered


class FrequentSearches:
    """The searches whose first page `page_by_names` finds, as far as this process has learned."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __contains__(self, query: Query) -> bool:
        return repr(query) in self._known

    def learn(self, query: Query, answer: Mapping[str, Any]) -> None:
        """Learn from an answer to `counting`."""
        if not _is_of_names(query, answer):
            self._known.discard(repr(query))
            return
        if len(self._known) >= MAX_FREQUENT:
            self._known.clear()
        self._known.add(repr(query))


def is_first_page(query: Query) -> bool:
    """Whether it is a first page by relevance. With facets, Elasticsearch has to look at all products in any case."""
    return query.sort is Sort.RELEVANCE and query.after is None and not query.facets and bool(terms_of(query.words))


def counting(query: Query) -> dict[str, Any]:
    """Request a first page, and whether many products match."""
    return request_of(query) | {"track_total_hits": MANY}


def page_by_names(client: Elasticsearch, index: str, query: Query) -> dict[str, Any] | None:
    """Return the page as an answer to `request_of`; None if that would be another one: names do not fill the page, or a
    name or a sku equals the words, which comes first."""
    page = request_of(query)
    filters = page["query"]["bool"]["filter"]
    equal = all_of([{"term": {"wholes": whole_of(query.words)}}, *filters])
    page |= {"query": all_of([*in_names(terms_of(query.words)), *filters]), "sort": RANKED}
    searches = [{}, {"query": equal, "size": 0, "terminate_after": 1}, {}, page]
    equals, found = client.msearch(index=index, searches=searches)["responses"]
    if "error" in equals or "error" in found or equals["hits"]["total"]["value"]:
        return None
    if len(found["hits"]["hits"]) <= query.limit:
        return None
    for hit in found["hits"]["hits"]:
        rank, id = hit["sort"]
        hit["sort"] = [_score(query), length_of(rank), id]
    return dict(found)


def _is_of_names(query: Query, answer: Mapping[str, Any]) -> bool:
    """Whether `page_by_names` would find the page that was counted sooner."""
    hits, total = answer["hits"]["hits"], answer["hits"]["total"]
    scores = {hit["sort"][0] for hit in hits}
    return total["value"] >= MANY and len(hits) > query.limit and scores == {_score(query)}


def _score(query: Query) -> int:
    """The score of a product whose name contains all words and does not equal them; other products have less."""
    return IN_NAME * len(terms_of(query.words))
