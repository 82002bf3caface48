"""Lists of products, with or without search words: both use the same index, so filters and facets work the same."""

import unicodedata
from itertools import product
from typing import Any

from flask import request
from marshmallow import ValidationError
from msgspec import UNSET, UnsetType
from prometheus_client import Counter

from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers.schemas import MAX_VALUE_LENGTH, NAME
from app.modules.catalog.controllers.search_schemas import MAX_FACET_FILTERS
from app.modules.catalog.controllers.search_views import (
    ProductFacets,
    ProductList,
    ProductSuggestion,
    ProductSuggestions,
    facets_view,
    listed_view,
)
from app.modules.catalog.domain.category import below, counts_with_branches
from app.modules.catalog.domain.search import Cursor, Hit, Query, SearchResult, Sort
from app.modules.catalog.domain.words import terms_of
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.web.blueprint import Answer
from app.web.paging import after, bad_cursor, page

ATTRIBUTE = "attr."
MAX_PRICE = 2**53
SEARCHES = Counter("quartet_searches_total", "Searches by words, by whether they found anything", ["found", "from"])
for each in product(("yes", "no"), ("index", "database")):
    SEARCHES.labels(*each)  # create the series at zero: a rate does not count the step from no series to one


def list_products(reading: Transaction[Reading], search: Search, args: dict[str, Any]) -> Answer[ProductList]:
    """Return one page of the products that match the query arguments."""
    tree = _tree(reading) if args["category"] or args["facets"] else {}
    query = Query(
        words=args["q"],
        categories=_branch(args["category"], tree) if args["category"] else None,
        price_min=args["price_min"],
        price_max=args["price_max"],
        in_stock=args["in_stock"],
        attributes=_attributes(),
        sort=args["sort"],
        facets=args["facets"],
        limit=args["limit"],
        after=_cursor(args["cursor"], args["sort"], bool(terms_of(args["q"]))),
    )
    result = search.find(query)
    if query.words:
        SEARCHES.labels("yes" if result.hits else "no", "database" if result.degraded else "index").inc()

    def view(hits: list[Hit], following: str | None) -> ProductList:
        return ProductList([listed_view(hit) for hit in hits], following, _facets(result, tree), result.degraded)

    return page(result.hits, query.limit, lambda hit: (query.sort, *hit.cursor), view)


def suggest_products(search: Search, words: str, limit: int) -> ProductSuggestions:
    """Return products whose names match what a customer has typed so far."""
    return ProductSuggestions([ProductSuggestion(each.slug, each.name) for each in search.suggest(words, limit)])


def _facets(result: SearchResult, tree: dict[str, str | None]) -> ProductFacets | UnsetType:
    if result.facets is None:
        return UNSET
    return facets_view(result.facets, counts_with_branches(result.facets.categories, tree))


def _tree(reading: Transaction[Reading]) -> dict[str, str | None]:
    """Return the current parent of each category, by slug."""
    with reading() as shop:
        return {each.slug: each.parent for each in shop.categories()}


def _branch(slug: str, tree: dict[str, str | None]) -> frozenset[str]:
    """Return a category and all its descendants. Raises Invalid(unknown_category)."""
    if slug not in tree:
        raise Invalid("unknown_category", f"there is no category {slug}: GET /categories lists them")
    return below(slug, tree)


def _attributes() -> dict[str, list[str]]:
    """Parse `attr.<name>=<value>` from the query string itself, because the schema cannot list the names in advance.

    Raises Invalid(bad_attribute).
    """
    filters: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if not name.startswith(ATTRIBUTE):
            continue
        try:
            if len(values) > MAX_FACET_FILTERS or any(len(value) > MAX_VALUE_LENGTH for value in values):
                raise ValidationError("Too many values, or too long.")
            attribute = str(NAME.deserialize(name.removeprefix(ATTRIBUTE)))
            filters[attribute] = [unicodedata.normalize("NFC", value) for value in values]
        except ValidationError:
            sentence = f"write attributes as attr.colour=blue, with at most {MAX_FACET_FILTERS} values each"
            raise Invalid("bad_attribute", sentence) from None
    if len(filters) > MAX_FACET_FILTERS:
        raise Invalid("bad_attribute", f"filter by at most {MAX_FACET_FILTERS} attributes")
    return filters


def _cursor(cursor: str | None, sort: Sort, searched: bool) -> Cursor | None:
    """Decode a cursor, which names the sort it belongs to: a name is not a position in a list sorted by age.

    Raises Invalid(bad_cursor).
    """
    kinds: dict[Sort, type] = {Sort.RELEVANCE: int if searched else str, Sort.CHEAPEST: int, Sort.DEAREST: int}
    key = after(cursor, str, kinds.get(sort, str), str)
    if key is None:
        return None
    if key[0] != sort or (type(key[1]) is int and abs(key[1]) > MAX_PRICE):
        raise bad_cursor()
    return key[1], key[2]
