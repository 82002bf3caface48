"""What the use cases of catalog need."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.domain.stock import Reservation, Short


class Products(Protocol):
    """Products."""

    def add(self, product: Product) -> None: ...


class Variants(Protocol):
    """Variants by sku."""

    def add(self, variant: Variant) -> None: ...

    def get(self, sku: str) -> Variant:
        """Raises NotFound(no_such_sku)."""


class Stock(Protocol):
    """The counters per sku; each change leaves a row in the ledger."""

    def receive(self, sku: str, quantity: int, who: str, why: str) -> None: ...

    def hold(self, order_id: UUID, quantities: Mapping[str, int]) -> list[Short]:
        """Hold all of it, or nothing and say what is short."""

    def sell(self, order_id: UUID) -> None: ...

    def release(self, order_id: UUID) -> None: ...

    def take_back(self, order_id: UUID) -> None: ...


class Reservations(Protocol):
    """Orders' claims on stock."""

    def add(self, reservation: Reservation) -> None: ...

    def of(self, order_id: UUID) -> Reservation:
        """Raises NotFound(no_such_reservation)."""


class Work(Protocol):
    """One transaction of catalog."""

    @property
    def products(self) -> Products: ...

    @property
    def variants(self) -> Variants: ...

    @property
    def stock(self) -> Stock: ...

    @property
    def reservations(self) -> Reservations: ...

    def publish(self, *events: Event) -> None: ...
