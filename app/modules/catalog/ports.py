"""What the use cases of catalog need."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.modules.catalog.domain.category import Category
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.search import Document, Found, Query, Suggestion
from app.modules.catalog.domain.stock import Counted, Hold, Level, Movement, Reservation, Short


@dataclass(frozen=True, slots=True)
class Page:
    """A product as it is shown, in plain values: it is read far more often than it is written.

    `version` is the product's own; `edition` rises also with its variants and their stock.
    """

    content: dict[str, Any]
    version: int
    edition: int


class Products(Protocol):
    """Products."""

    def add(self, product: Product) -> None:
        """Raises Conflict(slug_taken)."""

    def add_numbered(self, product: Product) -> None:
        """Add it; where its slug is taken it gets a number."""

    def get(self, id: UUID) -> Product:
        """Raises NotFound(no_such_product)."""

    def hold(self, id: UUID) -> Product:
        """Get it, to change only after this transaction: an offer made meanwhile carries its name. As `get`."""

    def lock(self, id: UUID) -> Product:
        """Get it, to be changed by this transaction alone. As `get`."""

    def save(self, product: Product) -> None:
        """Write a change now, so that a slug taken by another is refused here. Raises Conflict(slug_taken)."""


class Variants(Protocol):
    """Variants by sku."""

    def add(self, variant: Variant) -> None:
        """Raises Conflict(sku_taken)."""

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""

    def lock(self, sku: str) -> Variant:
        """Get it, to be changed by this transaction alone. As `get`."""

    def of(self, product_id: UUID) -> Sequence[Variant]: ...

    def after(self, sku: str, most: int) -> Sequence[Variant]:
        """The next so many by sku."""

    def on_sale_in_others(self, currency: str) -> Sequence[Variant]:
        """Those that are on sale in any other currency."""


class Categories(Protocol):
    """The tree; whoever changes it holds all of it, so that two moves cannot make a ring between them."""

    def add(self, category: Category) -> None:
        """Raises Conflict(category_exists)."""

    def get(self, slug: str) -> Category:
        """Raises NotFound(no_such_category)."""

    def hold(self, slug: str) -> Category:
        """Get it; it stays, if perhaps changed, until this transaction ends. As `get`."""

    def lock(self, slug: str) -> Category:
        """Get it, to be removed by this transaction. As `get`."""

    def hold_tree(self) -> Mapping[str, str | None]:
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


class Work(Claims, Protocol):
    """One transaction of catalog."""

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

    def say_again(self, *events: Event) -> None:
        """Publish what was said before: it is not counted as having happened once more."""

    def note(self, who: str, what: str, subject: str, why: str) -> None:
        """Write down what a person who runs the shop did by hand."""

    def ask_for_index(self, product_id: UUID) -> None:
        """Have search learn of the product as it is after this transaction."""

    def ask_for_rebuild(self) -> None:
        """Have the index of search made anew."""


class Reading(Protocol):
    """What is looked at without being changed."""

    def product(self, ref: str) -> Page:
        """By id or slug. Raises NotFound(no_such_product)."""

    def slugs(self) -> frozenset[str]:
        """Of all products."""

    def categories(self) -> Sequence[Category]:
        """By name."""

    def level(self, sku: str) -> Level:
        """Zero of everything where nothing ever came in. Raises NotFound(no_such_sku)."""

    def movements(self, sku: str, before: UUID | None, most: int) -> Sequence[Movement]:
        """The newest first, from there on."""

    def moved(self, sku: str) -> Mapping[str, int]:
        """The ledger added up, by kind."""

    def holds(self, sku: str, most: int) -> Sequence[Hold]:
        """Of open orders, the oldest first."""

    def counted(self, after: str, most: int) -> Sequence[Counted]:
        """The next so many skus that ever came in; each of one moment."""

    def document(self, product_id: UUID) -> Document:
        """Raises NotFound(no_such_product)."""

    def documents(self, after: UUID | None, most: int) -> Sequence[Document]:
        """The next so many products by id, as search knows them."""

    def count(self) -> tuple[int, int]:
        """How many products and how many variants there are."""


class Rebuilding(Protocol):
    """An index that is being made anew."""

    @property
    def after(self) -> str | None:
        """The last product that an earlier attempt has put; None: begin at the first."""

    def put(self, documents: Sequence[Document]) -> None:
        """The next products by id."""


class Search(Protocol):
    """Finds products. What it knows is a copy that follows later and can be made anew at any time."""

    def put(self, documents: Iterable[Document]) -> None:
        """Learn of products; an older version never overwrites a newer one."""

    def find(self, query: Query) -> Found: ...

    def suggest(self, words: str, most: int) -> Sequence[Suggestion]:
        """Products whose names have words that begin so, the best first."""

    def rebuild(self) -> AbstractContextManager[Rebuilding]:
        """Learn everything anew; what was known is found until the block ends."""

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        """The version of each product it knows whose id is between, by id."""

    def count(self) -> int:
        """How many products it knows."""

    def knows(self, documents: Sequence[Document]) -> frozenset[str]:
        """Those of these, by id, that it knows as they are, if by an older version: a sale raises that, and is no news
        to it as long as something is left."""

    def is_lost(self) -> bool:
        """Whether it is not there, broken, or was never built whole; False while it cannot be asked."""

    def trouble(self) -> str | None:
        """A sentence while it serves badly."""

    def close(self) -> None:
        """Give back what is open; it may be used again."""
