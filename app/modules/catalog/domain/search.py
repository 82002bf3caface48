"""What can be looked for, and what is found."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
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
class Suggestion:
    """A product whose name begins as someone types."""

    slug: str
    name: str


@dataclass(frozen=True)
class Found:
    """The hits, one more than asked for where there are more; and the facets if they were asked for.

    `degraded`: the index could not be asked; found by other means, without facets, typos or word stems.
    """

    hits: Sequence[Hit]
    facets: dict[str, Any] | None = None
    degraded: bool = False


PRICE_STEPS = (0, 1_000, 2_500, 5_000, 10_000, 25_000)  # where price ranges begin, in the smallest unit
MOST_VALUES = 30  # of one attribute, in its facet
MOST_WORDS, LONGEST = 16, 200  # of what was asked: more is not read


def terms_of(words: str) -> list[str]:
    """What was asked, as bare words."""
    asked = unicodedata.normalize("NFKC", words[:LONGEST])
    return "".join(each if each.isalnum() else " " for each in asked).split()[:MOST_WORDS]


def folded(text: str) -> str:
    """Without accents and capitals: what names are sorted by."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(each for each in parts if not unicodedata.combining(each)).casefold()


BEGIN, END = "\x02", "\x03"  # around what is highlighted: nothing that a product's text may have in it


def marked(text: str) -> str:
    """A highlighted text as safe HTML: <em> around what was found, everything else escaped."""
    return escape(text, quote=False).replace(BEGIN, "<em>").replace(END, "</em>")
