"""What can be looked for, and what is found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Sort(StrEnum):
    """The orders in which a list can be had."""

    RELEVANCE = "relevance"
    CHEAPEST = "price"
    DEAREST = "-price"
    NEWEST = "newest"
    NAME = "name"


Place = tuple[str | int | float, str]
"""Where a hit stands in its list: the value it is sorted by, and its product's id."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A product as search knows it; `version` rises with every change of the product, its variants or its stock."""

    id: str
    version: int
    slug: str
    name: str
    description: str
    category: str | None
    skus: Sequence[str]
    attributes: frozenset[tuple[str, str]]  # the product's and its variants'
    price: int  # the lowest, in the currency's smallest unit
    currency: str
    in_stock: bool
    on_sale: bool
    created_at: str  # RFC 3339


@dataclass(frozen=True, kw_only=True)
class Query:
    """What someone looks for. Prices are compared with a product's lowest, in the smallest unit."""

    words: str = ""
    categories: frozenset[str] | None = None  # None: any
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)  # each name: any of these values
    sort: Sort = Sort.RELEVANCE
    facets: bool = False
    limit: int = 20
    after: Place | None = None


@dataclass(frozen=True)
class Hit:
    """A product found: how it is listed, and its place in the list."""

    content: dict[str, Any]
    place: Place


@dataclass(frozen=True)
class Found:
    """The hits, one more than asked for where there are more; and the facets if they were asked for."""

    hits: Sequence[Hit]
    facets: dict[str, Any] | None = None
