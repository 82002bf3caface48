"""The read-only interface to the catalogue's data."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from app.kernel.money import Money
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.media import Media
from app.modules.catalog.domain.search import Document
from app.modules.catalog.domain.stock import Hold, Level, Movement, StockCounts


class VariantOnPage(NamedTuple):
    """A variant as a product page shows it. `attributes` is their JSON exactly as it is stored."""

    sku: str
    name: str
    price: Money
    attributes: bytes
    on_sale: bool
    available: int
    weight_g: int
    ships: bool
    tax_category: str
    version: int


class ProductPage(NamedTuple):
    """A product as its page shows it, in a form that is cheap to read: it is read far more often than it is written.

    `attributes` is their JSON exactly as it is stored. `version` is the product's own; `edition` rises also with every
    change of its variants and their stock.
    """

    id: UUID
    slug: str
    name: str
    description: str
    category: str | None
    attributes: bytes
    media: Sequence[Media]
    on_sale: bool
    created_at: datetime
    version: int
    variants: Sequence[VariantOnPage]
    edition: int


class VariantRecord(NamedTuple):
    """What staff store with a variant for other systems. `metadata` is JSON exactly as it is stored."""

    sku: str
    external_reference: str | None
    metadata: bytes
    version: int


class ProductRecord(NamedTuple):
    """What staff store with a product and its variants for other systems, with `metadata` as its stored JSON."""

    id: UUID
    slug: str
    external_reference: str | None
    metadata: bytes
    version: int
    variants: Sequence[VariantRecord]

    @property
    def edition(self) -> int:
        """A number that rises with every change of the product or its variants, whose rows are never deleted."""
        return self.version + sum(each.version for each in self.variants)


class Reading(Protocol):
    def product(self, ref: str) -> ProductPage:
        """Return a product by its id or slug. Raises NotFound(no_such_product)."""

    def record(self, ref: str) -> ProductRecord:
        """Return the record of a product by its id or slug. Raises NotFound(no_such_product)."""

    def records_with(self, external_reference: str) -> Sequence[ProductRecord]:
        """Return the records of the product that has this external reference, and of the one whose variant has it."""

    def slugs(self) -> frozenset[str]: ...

    def categories(self) -> Sequence[Category]: ...

    def level(self, sku: str) -> Level:
        """Return the counters of a sku, all zero if no stock was ever received. Raises NotFound(no_such_sku)."""

    def movements(self, sku: str, before: UUID | None, limit: int) -> Sequence[Movement]:
        """Return up to `limit` rows of the ledger older than the row `before` (None: from the newest), newest first."""

    def moved(self, sku: str) -> Mapping[str, int]:
        """Return the total quantity of the ledger of a sku, by kind of movement."""

    def holds(self, sku: str, limit: int) -> Sequence[Hold]:
        """Return up to `limit` holds of open orders on a sku, oldest first."""

    def stock_counts(self, after: str, limit: int) -> Sequence[StockCounts]:
        """Return the next `limit` skus after `after` that ever had stock; all numbers of a sku are of the same time."""

    def document(self, product_id: UUID) -> Document:
        """Return a product as search indexes it. Raises NotFound(no_such_product)."""

    def documents(self, after: UUID | None, limit: int) -> Sequence[Document]:
        """Return the next `limit` products after the id `after` (None: from the first), as search indexes them."""

    def count(self) -> tuple[int, int]:
        """Return the number of products and the number of variants."""
