"""The JSON of lists of products and of suggestions."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from app.kernel.money import Money
from app.modules.catalog.controllers.views import ProductMedia, media_view
from app.modules.catalog.domain.search import Facets, Hit

Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]  # a string: the index stores it so


class ProductHighlight(Struct, frozen=True):
    """Safe HTML: the name, and an excerpt of the description, with <em> around the words that match."""

    name: str
    description: str


class ListedProduct(Struct, frozen=True):
    """A product in a list, with its lowest price and the first of its media; `highlight` is present if the request has
    search words."""

    id: Id
    slug: str
    name: str
    category: str | None
    price: Money
    in_stock: bool
    image: ProductMedia | None
    highlight: ProductHighlight | UnsetType = UNSET


class FacetValue(Struct, frozen=True):
    """A value to filter by, and the number of products it would leave."""

    value: str
    count: int


class FacetPriceRange(Struct, frozen=True, rename={"from_": "from"}):
    """Prices from `from` to below `to` (null: no limit), in the currency's smallest unit; `count` products have one."""

    from_: int
    to: int | None
    count: int


class FacetStock(Struct, frozen=True, rename={"yes": "true", "no": "false"}):
    """The numbers of products in stock, and not in stock."""

    yes: int
    no: int


class ProductFacets(Struct, frozen=True):
    """The number of products that each further filter would leave, highest first; attributes by name."""

    category: list[FacetValue]
    price: list[FacetPriceRange]
    in_stock: FacetStock
    attributes: dict[str, list[FacetValue]]


class ProductList(Struct, frozen=True, omit_defaults=True):
    """One page of products; `facets` are present if requested.

    The count of a category includes all categories below it. `degraded` is true while the index is not available: the
    database was searched for the same words, without facets.
    """

    items: list[ListedProduct]
    next: str | None
    facets: ProductFacets | UnsetType = UNSET
    degraded: bool = False


class ProductSuggestion(Struct, frozen=True):
    """A product whose name matches what was typed so far."""

    slug: str
    name: str


class ProductSuggestions(Struct, frozen=True):
    items: list[ProductSuggestion]


def listed_view(hit: Hit) -> ListedProduct:
    highlight = ProductHighlight(*hit.highlight) if hit.highlight else UNSET
    image = media_view(hit.image, 1) if hit.image else None
    return ListedProduct(hit.id, hit.slug, hit.name, hit.category, hit.price, hit.in_stock, image, highlight)


def facets_view(facets: Facets, categories: Iterable[tuple[str, int]]) -> ProductFacets:
    """`categories`: the counts of categories, each including its descendants."""
    return ProductFacets(
        category=[FacetValue(*each) for each in categories],
        price=[FacetPriceRange(*each) for each in facets.prices],
        in_stock=FacetStock(facets.in_stock, facets.out_of_stock),
        attributes={name: [FacetValue(*each) for each in values.items()] for name, values in facets.attributes.items()},
    )
