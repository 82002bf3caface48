"""The query that a search takes, and the result that it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from app.kernel.money import Money
from app.modules.catalog.domain.highlighting import Highlight
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.words import cut, whole_of


class Sort(StrEnum):
    """The order of a list of products."""

    RELEVANCE = "relevance"
    CHEAPEST = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    NAME = "name"


Cursor = tuple[str | int, str]
"""The position of a hit in its list: the value that it is sorted by, and its product's id."""


@dataclass(frozen=True, kw_only=True)
class Sold:
    """A variant that is on sale. Filters by price, stock and attributes must all match the same variant."""

    sku: str
    price: int  # in the currency's smallest unit
    in_stock: bool
    attributes: frozenset[tuple[str, str]]  # its own and its product's


@dataclass(frozen=True, kw_only=True)
class Document:
    """A product as search indexes it; `version` rises with every change of the product, its variants or its stock."""

    id: str
    version: int
    slug: str
    name: str
    description: str
    category: str | None
    variants: Sequence["Sold"]
    price: int  # the lowest, in the currency's smallest unit
    currency: str
    in_stock: bool
    on_sale: bool
    created_at: str  # RFC 3339
    image: Media | None = None  # the first of its media; not searched, but shown in lists

    @cached_property
    def words(self) -> tuple[list[str], list[str], list[str]]:
        """The words that it is found by: of its name, of its description, of its skus and attributes. The skus come
        first, so that they are there however long the attributes are."""
        skus = sorted(each.sku for each in self.variants)
        attributes = sorted({text for each in self.variants for text in chain.from_iterable(each.attributes)})
        return cut(self.name), cut(self.description, signs=False), cut(" ".join([*skus, *attributes]))

    @cached_property
    def wholes(self) -> list[str]:
        """Its name and its skus, each as one word."""
        texts = (self.name, *(each.sku for each in self.variants))
        return sorted({whole for text in texts if (whole := whole_of(text))})

    @property
    def length(self) -> int:
        """The number of words of its name, at most LONGER - 1."""
        return min(len(self.words[0]), LONGER - 1)


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search for products.

    A product matches if one of its variants has all of the attributes, a price in the range (in the currency's smallest
    unit), and is in stock. With `in_stock` False, variants with those attributes and prices exist, and none of them is
    in stock.
    """

    words: str = ""
    categories: frozenset[str] | None = None  # None: any
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by name: the values, any of which matches
    sort: Sort = Sort.RELEVANCE
    facets: bool = False
    limit: int = 20
    after: Cursor | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is the first page of all products, by age, price or name."""
        return self == Query(sort=self.sort, limit=self.limit)


class Hit(NamedTuple):
    """A product that matches, with its lowest price; `highlight` is set if the query has words."""

    id: str
    slug: str
    name: str
    category: str | None
    price: Money
    in_stock: bool
    cursor: Cursor
    image: Media | None = None
    highlight: Highlight | None = None


@dataclass(frozen=True)
class Suggestion:
    """A product whose name matches what a customer has typed so far."""

    slug: str
    name: str


class PriceRange(NamedTuple):
    """Prices from `low` to below `high` (None: without limit), in the smallest unit; `hits`: products with one."""

    low: int
    high: int | None
    hits: int


@dataclass(frozen=True)
class Facets:
    """The number of hits that each further filter would leave, highest first.

    A category counts only the products directly in it. Attributes are by name, then by value.
    """

    categories: Mapping[str, int]
    prices: Sequence[PriceRange]
    in_stock: int
    out_of_stock: int
    attributes: Mapping[str, Mapping[str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether no other filter would leave any hit."""
        return not (self.categories or self.prices or self.in_stock or self.out_of_stock or self.attributes)


@dataclass(frozen=True)
class SearchResult:
    """The hits, one more than the limit if there are more; and the facets if the query requests them.

    `degraded`: the index was not available, so the database was searched, without facets, typos or word stems.
    """

    hits: Sequence[Hit]
    facets: Facets | None = None
    degraded: bool = False


PRICE_STEPS = (0, 1_000, 2_500, 5_000, 10_000, 25_000)  # where price ranges begin, in the smallest unit
MAX_VALUES = 30  # values that the facet of one attribute lists


# The score of each word that is found depends only on the field of the product that contains it. It is the same in
# every index and changes only with the product, so a cursor stays valid while other products are added and removed.
IN_NAME, IN_DESCRIPTION, IN_REST = 8, 3, 1
EXACTLY = 1_000  # for a name or a sku that equals the query
LONGER = 256  # with equal scores the name with fewer words comes first: rank = score times this, less the words
