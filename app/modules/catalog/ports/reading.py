"""What use cases of catalog look at without changing it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from app.kernel.money import Money
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.search import Document
from app.modules.catalog.domain.stock import Hold, Level, Movement, StockCounts


class VariantOnPage(NamedTuple):
    """A variant as it is shown; `attributes`: their JSON as it is kept."""

    sku: str
    name: str
    price: Money
    attributes: bytes
    on_sale: bool
    available: int
    version: int


class ProductPage(NamedTuple):
    """A product as it is shown: it is read far more often than it is written. `attributes`: their JSON as it is kept.

    `version` is the product's own; `edition` rises also with its variants and their stock.
    """

    id: UUID
    slug: str
    name: str
    description: str
    category: str | None
    attributes: bytes
    on_sale: bool
    created_at: datetime
    version: int
    variants: Sequence[VariantOnPage]
    edition: int


class Reading(Protocol):
    """What is looked at without being changed."""

    def product(self, ref: str) -> ProductPage:
        """By id or slug. Raises NotFound(no_such_product)."""

    def slugs(self) -> frozenset[str]: ...

    def categories(self) -> Sequence[Category]: ...

    def level(self, sku: str) -> Level:
        """Zero of everything where nothing ever came in. Raises NotFound(no_such_sku)."""

    def movements(self, sku: str, before: UUID | None, limit: int) -> Sequence[Movement]:
        """The newest first, from there on."""

    def moved(self, sku: str) -> Mapping[str, int]:
        """The ledger added up, by kind."""

    def holds(self, sku: str, limit: int) -> Sequence[Hold]:
        """Of open orders, the oldest first."""

    def stock_counts(self, after: str, limit: int) -> Sequence[StockCounts]:
        """The next so many skus that ever came in; each of one moment."""

    def document(self, product_id: UUID) -> Document:
        """Raises NotFound(no_such_product)."""

    def documents(self, after: UUID | None, limit: int) -> Sequence[Document]:
        """The next so many products by id, as search knows them."""

    def count(self) -> tuple[int, int]:
        """How many products and how many variants there are."""
