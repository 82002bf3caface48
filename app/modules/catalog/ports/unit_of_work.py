"""What use cases of catalog change, in one transaction."""

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
        """Raises Conflict(slug_taken)."""

    def add_numbered(self, product: Product) -> None:
        """Add it; where its slug is taken it gets a number."""

    def get(self, id: UUID) -> Product:
        """Raises NotFound(no_such_product)."""

    def lock_shared(self, id: UUID) -> Product:
        """Get it, to change only after this transaction: an offer made meanwhile carries its name. As `get`."""

    def lock(self, id: UUID) -> Product:
        """Get it, to be changed by this transaction alone. As `get`."""

    def save(self, product: Product) -> None:
        """Write a change now, so that a slug taken by another is refused here. Raises Conflict(slug_taken)."""


class Variants(Protocol):
    def add(self, variant: Variant) -> None:
        """Raises Conflict(sku_taken)."""

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""

    def lock(self, sku: str) -> Variant:
        """Get it, to be changed by this transaction alone. As `get`."""

    def of(self, product_id: UUID) -> Sequence[Variant]: ...

    def after(self, sku: str, limit: int) -> Sequence[Variant]:
        """The next so many by sku."""

    def on_sale_in_others(self, currency: str) -> Sequence[Variant]:
        """Those that are on sale in any other currency."""


class Categories(Protocol):
    """The tree; whoever changes it holds all of it, so that two moves cannot make a ring between them."""

    def add(self, category: Category) -> None:
        """Raises Conflict(category_exists)."""

    def get(self, slug: str) -> Category:
        """Raises NotFound(no_such_category)."""

    def lock_shared(self, slug: str) -> Category:
        """Get it; it stays, if perhaps changed, until this transaction ends. As `get`."""

    def lock(self, slug: str) -> Category:
        """Get it, to be removed by this transaction. As `get`."""

    def lock_tree(self) -> Mapping[str, str | None]:
        """Everyone's parent, theirs to change only by this transaction."""

    def remove(self, category: Category) -> None:
        """Raises Conflict(category_in_use)."""


class Stock(Protocol):
    """The counters per sku; each change leaves a row in the ledger, and is said a little later."""

    def receive(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        """Goods came in; `id` becomes the ledger row's."""

    def adjust(self, sku: str, quantity: int, who: str, why: str, id: UUID | None = None) -> Movement:
        """Counted again, lost or found. Raises Conflict(not_enough_stock), naming the holds."""

    def hold(self, order_id: UUID, quantities: Mapping[str, int]) -> list[Short]:
        """Hold all of it, or nothing and say what is short."""

    def sell(self, order_id: UUID) -> None: ...

    def release(self, order_id: UUID) -> None: ...

    def short_of(self, quantities: Mapping[str, int]) -> list[Short]:
        """What of it cannot be had now."""

    def take_back(self, order_id: UUID) -> None: ...

    def held_for(self, order_id: UUID) -> Mapping[str, int]:
        """What was held for an order, whatever became of it since."""

    def movement(self, id: UUID) -> Movement:
        """A row of the ledger, which must be there."""

    def level(self, sku: str) -> Level: ...

    def levels(self, skus: Collection[str]) -> Sequence[Level]: ...


class Reservations(Protocol):
    """Orders' claims on stock."""

    def add(self, reservation: Reservation) -> None: ...

    def of(self, order_id: UUID) -> Reservation:
        """Raises NotFound(no_such_reservation)."""

    def find(self, order_id: UUID) -> Reservation | None: ...


class UnitOfWork(Protocol):
    """One transaction of catalog."""

    @property
    def trail(self) -> Trail: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def shop_currency(self) -> str:
        """The one currency of the shop."""

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

    def publish(self, *events: Event) -> None: ...

    def republish(self, *events: Event) -> None:
        """Publish what was said before: it is not counted as having happened once more."""

    def enqueue_indexing(self, product_id: UUID) -> None:
        """Have search learn of the product as it is after this transaction."""

    def enqueue_rebuild(self) -> None:
        """Have the index of search made anew."""
