"""What the use cases of orders need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.kernel.trail import Trail
from app.modules.orders.domain.caps import Unpaid
from app.modules.orders.domain.cart import Cart
from app.modules.orders.domain.life import Status
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.order import Order
from app.modules.orders.domain.policies import Policies
from app.modules.orders.domain.timeline import TimelineEntry


class Orders(Protocol):
    """Orders, each changed only by who has its latest version."""

    def get(self, id: UUID) -> Order:
        """Raises NotFound(no_such_order)."""

    def find(self, id: UUID) -> Order | None: ...

    def newest(
        self, customer_id: UUID | None, status: Status | None, before: UUID | None, limit: int
    ) -> Sequence[Order]:
        """The newest first, those placed before `before`; None: no matter whose, which, when."""

    def lock_unpaid(self, customer_id: UUID) -> Unpaid:
        """What a customer has not paid; nobody else counts that for an order until this transaction ends."""

    def save(self, order: Order) -> Order:
        """Insert a new order or update the version that was read; returns it as saved. Raises Stale."""

    def overdue(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Those that a clock must act on, the longest overdue first."""

    def touched(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Order]:
        """The next so many by id, of those that are open and those that were placed since then."""

    def count_touched(self, since: datetime) -> int:
        """How many `touched` goes through."""

    def past_deadline(self, now: datetime, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        """Those that are late, alerted or not, the latest first, each with when it came to its status."""

    def not_given_back(self, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        """Those of which a refund failed that nobody has written off, each with when that was."""


class Carts(Protocol):
    """Carts, each changed only by who has its latest version."""

    def of_customer(self, customer_id: UUID) -> Cart | None: ...

    def of_guest(self, token_hash: bytes) -> Cart | None: ...

    def save(self, cart: Cart) -> Cart:
        """Insert a new cart or update the version that was read; returns it as saved. Raises Stale."""

    def remove(self, cart: Cart) -> None:
        """Raises Stale."""

    def unlock(self, order_id: UUID, *, keep_items: bool, now: datetime) -> None:
        """The order that locks a cart lets go of it."""

    def prune(self, before: datetime) -> int:
        """Delete unlocked carts untouched since then; returns how many."""


class Offers(Protocol):
    """This module's copy of what is sold."""

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """Those heard of, without their availability."""

    def shown(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """Those heard of, with their availability."""

    def keep(self, offer: Offer, product_id: UUID, revision: int) -> None:
        """Only ever moves forward in version."""

    def keep_level(self, sku: str, available: int, version: int, revision: int) -> None:
        """Only ever moves forward in version."""


class Timeline(Protocol):
    """The story of each order."""

    def record(self, order_id: UUID, module: str, what: str, at: datetime, detail: Mapping[str, object]) -> None: ...

    def of(self, order_id: UUID) -> Sequence[TimelineEntry]: ...


@dataclass(frozen=True, kw_only=True)
class UnhandledEvent:
    """An event about an order (`key`) that was not handled: parked since then, or given up on; and what can be done."""

    key: str
    sentence: str
    since: datetime
    advice: str


class UnhandledEvents(Protocol):
    """What this module's bus could not handle."""

    def about_orders(self, limit: int | None) -> Sequence[UnhandledEvent]:
        """What still keeps orders from moving, at most so many."""

    def about(self, order_id: UUID) -> Sequence[UnhandledEvent]:
        """All of one order."""


@dataclass(frozen=True, kw_only=True)
class OrderDiscrepancy:
    """What a module has otherwise than the order says."""

    order_id: UUID
    module: str
    sentence: str


class Checks(Protocol):
    """What the others answered when they were told how orders stand, by audit."""

    def ask(self, audit: UUID, order_ids: Iterable[UUID], now: datetime) -> None:
        """Remember of which orders they are told."""

    def keep(self, audit: UUID, order_id: UUID, module: str, discrepancy: str | None, now: datetime) -> None:
        """The latest answer of a module about one order; none: it agrees."""

    def answered(self, audit: UUID, module: str) -> int:
        """About how many orders."""

    def unanswered(self, audit: UUID, module: str) -> tuple[int, UUID | None]:
        """About how many orders there is no answer, and the first of them."""

    def discrepancies(self, audit: UUID) -> Sequence[OrderDiscrepancy]: ...

    def is_carried(self) -> bool:
        """Whether all that was asked has been taken by the bus."""

    def forget_agreeing(self, audit: UUID) -> None:
        """Keep of an audit that is over only what did not agree."""

    def prune(self, before: datetime) -> int:
        """Forget what was asked and answered before then; returns how many rows."""


class UnitOfWork(Protocol):
    """One transaction of orders, at one moment, under the shop's policies."""

    @property
    def trail(self) -> Trail: ...

    @property
    def claims(self) -> Claims: ...

    @property
    def now(self) -> datetime: ...

    @property
    def policies(self) -> Policies: ...

    @property
    def orders(self) -> Orders: ...

    @property
    def carts(self) -> Carts: ...

    @property
    def offers(self) -> Offers: ...

    @property
    def timeline(self) -> Timeline: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def unhandled(self) -> UnhandledEvents: ...

    def publish(self, *events: Event) -> None: ...
