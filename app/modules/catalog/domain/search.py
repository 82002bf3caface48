"""What can be looked for, and what is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.kernel.money import Money
from app.modules.catalog.domain.lighting import Highlight
from app.modules.catalog.domain.words import cut, whole_of


class Sort(StrEnum):
    """The orders in which a list can be had."""

    RELEVANCE = "relevance"
    CHEAPEST = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    NAME = "name"


Cursor = tuple[str | int, str]
"""Where a hit stands in its list: the value it is sorted by, and its product's id."""


@dataclass(frozen=True, kw_only=True)
class Sold:
    """A variant that is on sale. Price, stock and attributes that are asked for together must be of one of these."""

    sku: str
    price: int  # in the currency's smallest unit
    in_stock: bool
    attributes: frozenset[tuple[str, str]]  # its own and its product's


@dataclass(frozen=True, kw_only=True)
class Document:
    """A product as search knows it; `version` rises with every change of the product, its variants or its stock."""

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


@dataclass(frozen=True, kw_only=True)
class Query:
    """What someone looks for.

    One variant has all of the attributes and a price between, in the smallest unit, and is in stock; `in_stock` False:
    of those that have, none is.
    """

    words: str = ""
    categories: frozenset[str] | None = None  # None: any
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # each name: any of these values
    sort: Sort = Sort.RELEVANCE
    facets: bool = False
    limit: int = 20
    after: Cursor | None = None


class Hit(NamedTuple):
    """A product found, at its lowest price; `highlight` where words were looked for."""

    id: str
    slug: str
    name: str
    category: str | None
    price: Money
    in_stock: bool
    cursor: Cursor
    highlight: Highlight | None = None


@dataclass(frozen=True)
class Suggestion:
    """A product whose name begins as someone types."""

    slug: str
    name: str


class PriceRange(NamedTuple):
    """Prices from `low` to below `high`, None: any, in the smallest unit; and how many products have one."""

    low: int
    high: int | None
    hits: int


@dataclass(frozen=True)
class Facets:
    """How many hits each further choice would have, the most first.

    A category counts what hangs on it alone. Attributes are by name, then by value.
    """

    categories: Mapping[str, int]
    prices: Sequence[PriceRange]
    in_stock: int
    out_of_stock: int
    attributes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Found:
    """The hits, one more than asked for where there are more; and the facets if they were asked for.

    `degraded`: the index could not be asked; found by other means, without facets, typos or word stems.
    """

    hits: Sequence[Hit]
    facets: Facets | None = None
    degraded: bool = False


PRICE_STEPS = (0, 1_000, 2_500, 5_000, 10_000, 25_000)  # where price ranges begin, in the smallest unit
MAX_VALUES = 30  # of one attribute, in its facet


# What relevance is made of, for each word: its place in the product alone. It is the same in every index, and changes
# only with the product, so that a cursor keeps its place while others come and go.
IN_NAME, IN_DESCRIPTION, IN_REST = 8, 3, 1
EXACTLY = 1_000  # for a name or a sku that is just what was asked
LONGER = 256  # of two as good, the name with fewer words comes first: places are a score times this, less the words


def words_of(document: Document) -> tuple[list[str], list[str], list[str]]:
    """What a product is found by: the words of its name, of its description, and of its attributes and skus."""
    rest = [
        part for each in document.variants for part in (each.sku, *(text for pair in each.attributes for text in pair))
    ]
    return cut(document.name), cut(document.description, signs=False), cut(" ".join(sorted(set(rest))))


def wholes_of(document: Document) -> list[str]:
    """Its name and its skus, each as one word."""
    texts = (document.name, *(each.sku for each in document.variants))
    return sorted({whole for text in texts if (whole := whole_of(text))})


def length_of(name: str) -> int:
    """How many words a name has."""
    return min(len(cut(name)), LONGER - 1)
