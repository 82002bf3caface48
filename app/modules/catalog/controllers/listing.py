"""Lists of products, searched or not: one way through the index, so that filters and facets are the same everywhere."""

import unicodedata
from itertools import product
from typing import Any

from flask import request
from marshmallow import ValidationError
from msgspec import UNSET, UnsetType
from prometheus_client import Counter

from app.kernel.errors import Invalid
from app.kernel.transaction import Transaction
from app.modules.catalog.controllers.schemas import MAX_VALUE_LENGTH, AttributeName
from app.modules.catalog.controllers.search_views import (
    ProductFacets,
    ProductList,
    ProductSuggestion,
    ProductSuggestions,
    facets_view,
    listed_view,
)
from app.modules.catalog.domain.category import below, counts_with_branches
from app.modules.catalog.domain.search import Cursor, Found, Hit, Query, Sort
from app.modules.catalog.domain.words import terms_of
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.web.blueprint import Answer
from app.web.paging import after, page

ATTRIBUTE = "attr."
NAME = AttributeName()
MAX_FACET_FILTERS = 10  # attributes and values of each, that may be asked for
MAX_PRICE = 2**53
SEARCHES = Counter("quartet_searches_total", "Searches by words, by whether they found anything", ["found", "from"])
for each in product(("yes", "no"), ("index", "database")):
    SEARCHES.labels(*each)  # there from the start: a rate does not see what begins at one


def listed(reading: Transaction[Reading], search: Search, asked: dict[str, Any]) -> Answer[ProductList]:
    """One page of what is asked for."""
    tree = _tree(reading) if asked["category"] or asked["facets"] else {}
    query = Query(
        words=asked["q"],
        categories=_branch(asked["category"], tree) if asked["category"] else None,
        price_min=asked["price_min"],
        price_max=asked["price_max"],
        in_stock=asked["in_stock"],
        attributes=_attributes(),
        sort=asked["sort"],
        facets=asked["facets"],
        limit=asked["limit"],
        after=_cursor(asked["cursor"], asked["sort"], bool(terms_of(asked["q"]))),
    )
    found = search.find(query)
    if query.words:
        SEARCHES.labels("yes" if found.hits else "no", "database" if found.degraded else "index").inc()

    def view(hits: list[Hit], following: str | None) -> ProductList:
        return ProductList([listed_view(hit) for hit in hits], following, _facets(found, tree), found.degraded)

    return page(found.hits, query.limit, lambda hit: (query.sort, *hit.cursor), view)


def suggested(search: Search, words: str, maximum: int) -> ProductSuggestions:
    """Names that begin as someone types."""
    return ProductSuggestions([ProductSuggestion(each.slug, each.name) for each in search.suggest(words, maximum)])


def _facets(found: Found, tree: dict[str, str | None]) -> ProductFacets | UnsetType:
    if found.facets is None:
        return UNSET
    return facets_view(found.facets, counts_with_branches(found.facets.categories, tree))


def _tree(reading: Transaction[Reading]) -> dict[str, str | None]:
    """Every category's parent, as they are now."""
    with reading() as shop:
        return {each.slug: each.parent for each in shop.categories()}


def _branch(slug: str, tree: dict[str, str | None]) -> frozenset[str]:
    """A category and all below it."""
    if slug not in tree:
        raise Invalid("unknown_category", f"there is no category {slug}: GET /categories lists them")
    return below(slug, tree)


def _attributes() -> dict[str, list[str]]:
    """`attr.<name>=<value>`, from the query itself: their names are not known beforehand."""
    found: dict[str, list[str]] = {}
    for name, values in request.args.lists():
        if not name.startswith(ATTRIBUTE):
            continue
        try:
            if len(values) > MAX_FACET_FILTERS or any(len(value) > MAX_VALUE_LENGTH for value in values):
                raise ValidationError("Too many values, or too long.")
            known = str(NAME.deserialize(name.removeprefix(ATTRIBUTE)))
            found[known] = [unicodedata.normalize("NFC", value) for value in values]
        except ValidationError:
            sentence = f"ask for attributes as attr.colour=blue, at most {MAX_FACET_FILTERS} values each"
            raise Invalid("bad_attribute", sentence) from None
    if len(found) > MAX_FACET_FILTERS:
        raise Invalid("bad_attribute", f"ask for at most {MAX_FACET_FILTERS} attributes")
    return found


def _cursor(cursor: str | None, sort: Sort, searched: bool) -> Cursor | None:
    """A cursor names its sort: a name is no place in a list by age."""
    kinds: dict[Sort, type] = {Sort.RELEVANCE: int if searched else str, Sort.CHEAPEST: int, Sort.DEAREST: int}
    key = after(cursor, str, kinds.get(sort, str), str)
    if key is None:
        return None
    if key[0] != sort or (type(key[1]) is int and abs(key[1]) > MAX_PRICE):
        raise Invalid("bad_cursor", "the cursor is not one of this list: begin without one")
    return key[1], key[2]
