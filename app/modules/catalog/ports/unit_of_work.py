"""The interface to what the use cases of catalog change in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.kernel.trail import Trail
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.stock import Level, Movement, Reservation, Short


class Products(Protocol):
    def add(self, product: Product) -> None:
        """Raises Conflict(slug_taken, external_reference_taken)."""

    def add_numbered(self, product: Product) -> None:
        """Add a product; if its slug is taken, a number is appended to the slug. Raises
        Conflict(external_reference_taken)."""

    def get(self, id: UUID) -> Product:
        """Raises NotFound(no_such_product)."""

    def lock_shared(self, id: UUID) -> Product:
        """Get a product and keep others from changing it until this transaction ends: an offer that is published in it
        contains the product's name. Raises as `get`."""

    def lock(self, id: UUID) -> Product:
        """Get a product under an exclusive lock, to change it or its variants: `enqueue_indexing` reads all of them,
        and two who called it at once would each miss the other's change. Raises as `get`."""

    def save(self, product: Product) -> None:
        """Write a change at once, so that what another product has is refused here. Raises Conflict(slug_taken,
        external_reference_taken)."""


class Variants(Protocol):
    def add(self, variant: Variant) -> None:
        """Raises Conflict(sku_taken, external_reference_taken)."""

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""

    def lock(self, sku: str) -> Variant:
        """Get a variant under an exclusive lock, to change it. Raises as `get`."""

    def save(self, variant: Variant) -> None:
        """Write a change at once, as for a product. Raises Conflict(external_reference_taken)."""

    def of(self, product_id: UUID) -> Sequence[Variant]:
        """Return the variants of a product, ordered by sku."""

    def after(self, sku: str, limit: int) -> Sequence[Variant]:
        """Return the next `limit` variants after this sku, ordered by sku."""

    def misplaced(self, limit: int) -> Sequence[str]:
        """Return the next skus whose category path is not that of their product's category."""

    def on_sale_in_others(self, currency: str) -> Sequence[Variant]:
        """Return the variants on sale that are priced in any other currency."""


class Categories(Protocol):
    """The tree of categories. A change of a parent locks the whole tree, so that two concurrent moves cannot form a
    cycle."""

    def add(self, category: Category) -> None:
        """Raises Conflict(category_exists)."""

    def get(self, slug: str) -> Category:
        """Raises NotFound(no_such_category)."""

    def lock_shared(self, slug: str) -> Category:
        """Get a category and prevent its removal until this transaction ends; others may change it. Raises as `get`."""

    def lock(self, slug: str) -> Category:
        """Get a category under an exclusive lock, to remove it. Raises as `get`."""

    def lock_tree(self) -> Mapping[str, str | None]:
        """Lock all categories for this transaction; return the parent of each, by slug."""

    def path(self, slug: str | None) -> str:
        """Return the path of a category, and prevent that one in it moves until this transaction ends."""

    def remove(self, category: Category) -> None:
        """Raises Conflict(category_in_use)."""


class Stock(Protocol):
    """The stock counters per sku. Each change adds a row to the ledger; the new level is published shortly after."""

    def receive(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        """Add received goods; `id` becomes the id of the row in the ledger. Raises Invalid(too_much_stock)."""

    def adjust(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        """Correct the count on hand by `quantity`, which may be negative. Raises Conflict(not_enough_stock), which
        lists the holds, or Invalid(too_much_stock)."""

    def hold(self, order_id: UUID, quantities: Mapping[str, int]) -> list[Short]:
        """Hold all of the quantities, or none of them; return the skus that are short, empty if all are held."""

    def sell(self, order_id: UUID) -> None:
        """Take what the order holds off the counters: it is neither held nor on hand any more."""

    def release(self, order_id: UUID) -> None:
        """Make what the order holds available again."""

    def short_of(self, quantities: Mapping[str, int]) -> list[Short]:
        """Return the skus of which fewer are available now than these quantities."""

    def take_back(self, order_id: UUID) -> None:
        """Put what was sold to the order back on hand, except what has left."""

    def reduce_sale(self, order_id: UUID, remaining: Mapping[str, int]) -> None:
        """Put the sold units of the order that are more than these back on hand. A SKU that is left out has none."""

    def dispatch(self, shipment_id: UUID, order_id: UUID, quantities: Mapping[str, int]) -> None:
        """Record that these units of an order have left the shelf; those of a recorded shipment change nothing."""

    def dispatched_for(self, order_id: UUID) -> Mapping[str, int]:
        """Return what has left of an order, by sku."""

    def held_for(self, order_id: UUID) -> Mapping[str, int]:
        """Return what was held for an order, by sku, even if it was sold or released since."""

    def movement(self, id: UUID) -> Movement:
        """Return a row of the ledger, which must exist."""

    def level(self, sku: str) -> Level:
        """Return the counters of a sku, all zero if no stock was ever received."""

    def levels(self, skus: Collection[str]) -> Sequence[Level]:
        """Return the counters of those skus for which stock was ever received."""


class Reservations(Protocol):
    """The reservations of orders: at most one per order."""

    def add(self, reservation: Reservation) -> None: ...

    def save(self, reservation: Reservation) -> None:
        """Save a reservation that has changed once since it was read. Raises Stale."""

    def of(self, order_id: UUID) -> Reservation:
        """Raises NotFound(no_such_reservation)."""

    def find(self, order_id: UUID) -> Reservation | None:
        """Return None if the order has no reservation."""


class UnitOfWork(Protocol):
    """One transaction of catalog."""

    @property
    def trail(self) -> Trail: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def shop_currency(self) -> str:
        """The currency that all prices of the shop must be in."""

    @property
    def products(self) -> Products: ...

    @property
    def variants(self) -> Variants: ...

    @property
    def categories(self) -> Categories: ...

    @property
    def stock(self) -> Stock: ...

    @property
    def reservations(self) -> Reservations: ...

    def publish(self, *events: Event) -> None:
        """Write events into the outbox; they are counted in the metrics once this transaction commits."""

    def republish(self, *events: Event) -> None:
        """Publish events about facts that were published before; they are not counted in the metrics again."""

    def enqueue_following(self) -> None:
        """Add a job that publishes the offers again whose category has moved."""

    def enqueue_indexing(self, product_id: UUID) -> None:
        """Add a job that indexes the product as it is after this transaction."""

    def enqueue_rebuild(self) -> None:
        """Add a job that rebuilds the search index."""
