"""What the use cases of orders need."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.order import Order


class Orders(Protocol):
    """Orders, each changed only by who has its latest version."""

    def get(self, id: UUID) -> Order:
        """Raises NotFound(no_such_order)."""

    def save(self, order: Order) -> Order:
        """Insert a new order or update the version that was read; returns it as saved. Raises Stale."""

    def overdue(self, now: datetime, most: int) -> Sequence[UUID]: ...


class Offers(Protocol):
    """This module's copy of what is sold."""

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]: ...

    def keep(self, offer: Offer, product_id: UUID) -> None:
        """Only ever moves forward in version."""


class Timeline(Protocol):
    """The story of each order."""

    def note(self, order_id: UUID, module: str, what: str, at: datetime, detail: Mapping[str, object]) -> None: ...


class Work(Claims, Protocol):
    """One transaction of orders."""

    @property
    def orders(self) -> Orders: ...

    @property
    def offers(self) -> Offers: ...

    @property
    def timeline(self) -> Timeline: ...

    def publish(self, *events: Event) -> None: ...
