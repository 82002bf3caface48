"""Lists of products, searched or not, and suggestions, as JSON."""

from collections.abc import Iterable
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from app.kernel.money import Money
from app.modules.catalog.domain.search import Facets, Hit

Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]  # as an index keeps it


class ProductHighlight(Struct, frozen=True):
    """Safe HTML: the name, and a part of the description, with <em> around what was found."""

    name: str
    description: str


class ListedProduct(Struct, frozen=True):
    """A product in a list, at its lowest price; `highlight` where words were looked for."""

    id: Id
    slug: str
    name: str
    category: str | None
    price: Money
    in_stock: bool
    highlight: ProductHighlight | UnsetType = UNSET


class FacetValue(Struct, frozen=True):
    """A choice, and how many products it would find."""

    value: str
    count: int


class FacetPriceRange(Struct, frozen=True, rename={"from_": "from"}):
    """Prices from here to below `to` (null: any), in the currency's smallest unit, and how many products have one."""

    from_: int
    to: int | None
    count: int


class FacetStock(Struct, frozen=True, rename={"yes": "true", "no": "false"}):
    """How many products are in stock, and how many are not."""

    yes: int
    no: int


class ProductFacets(Struct, frozen=True):
    """How many products each further choice would find, the most first; attributes by name."""

    category: list[FacetValue]
    price: list[FacetPriceRange]
    in_stock: FacetStock
    attributes: dict[str, list[FacetValue]]


class ProductList(Struct, frozen=True, omit_defaults=True):
    """One page of products; `facets` where they were asked for.

    A category counts all below it. `degraded` where the index cannot be asked: found in the database by the same words,
    without facets.
    """

    items: list[ListedProduct]
    next: str | None
    facets: ProductFacets | UnsetType = UNSET
    degraded: bool = False


class ProductSuggestion(Struct, frozen=True):
    """A product that may be meant."""

    slug: str
    name: str


class ProductSuggestions(Struct, frozen=True):
    items: list[ProductSuggestion]


def listed_view(hit: Hit) -> ListedProduct:
    lit = ProductHighlight(*hit.highlight) if hit.highlight else UNSET
    return ListedProduct(hit.id, hit.slug, hit.name, hit.category, hit.price, hit.in_stock, lit)


def facets_view(facets: Facets, categories: Iterable[tuple[str, int]]) -> ProductFacets:
    """The facets, of which categories are counted with all below them."""
    return ProductFacets(
        category=[FacetValue(*each) for each in categories],
        price=[FacetPriceRange(*each) for each in facets.prices],
        in_stock=FacetStock(facets.in_stock, facets.out_of_stock),
        attributes={name: [FacetValue(*each) for each in values.items()] for name, values in facets.attributes.items()},
    )
