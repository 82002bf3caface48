"""The ports of orders: what one transaction can reach (UnitOfWork), and the protocols behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.bus.event import Event
from app.kernel.claim import Claims
from app.kernel.trail import Trail
from app.modules.orders.domain.carts.cart import Cart
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.quote import InUse
from app.modules.orders.domain.documents.document import Documents
from app.modules.orders.domain.orders.contact import Contacts
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.record import Records
from app.modules.orders.domain.orders.timeline import Timeline
from app.modules.orders.domain.orders.unit_refund import UnitRefunds
from app.modules.orders.domain.policies.caps import Unpaid
from app.modules.orders.domain.policies.policies import Policies
from app.modules.orders.domain.promotions.stored import StoredPromotions
from app.modules.orders.domain.shipping.setting import Shipping
from app.modules.orders.domain.shipping.shipment import Shipments
from app.modules.orders.domain.tax.exemption import TaxExemptions
from app.modules.orders.domain.tax.numbers import TaxNumbers
from app.modules.orders.domain.tax.question import TaxQuotes
from app.modules.orders.domain.tax.record import TaxRecords
from app.modules.orders.domain.tax.report import TaxReports
from app.modules.orders.domain.tax.setting import Tax


class Orders(Protocol):
    """Orders. A save succeeds only if the stored order still has the version that was read."""

    def get(self, id: UUID, *, lock: bool = False) -> Order:
        """With `lock`, whoever changes it waits until this transaction ends. Raises NotFound(no_such_order)."""

    def find(self, id: UUID) -> Order | None: ...

    def numbered(self, running_number: int) -> Order | None: ...

    def matching(self, wanted: OrderFilter, sort: Sort, after: Position | None, limit: int) -> Sequence[Order]:
        """Orders that match, sorted; only those after this position of the list, if given."""

    def lock_unpaid(self, customer_id: UUID) -> Unpaid:
        """Count a customer's unpaid orders, and lock that count until this transaction ends.

        A parallel transaction that places an order of the same customer waits here, so that both cannot pass the caps.
        """

    def save(self, order: Order) -> Order:
        """Insert a new order or update the version that was read; returns it as saved. Raises Stale."""

    def overdue(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Orders whose deadline has passed and that are not alerted yet, the longest overdue first."""

    def on_hold(self, until: datetime, limit: int) -> Sequence[UUID]:
        """Orders whose money is held by the bank, and not longer than until then, those that end first."""

    def touched(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Order]:
        """Orders that are open or were placed since then, by id, at most `limit` after the id `after`."""

    def count_touched(self, since: datetime) -> int:
        """The number of orders that `touched` returns page by page."""

    def past_deadline(self, now: datetime, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        """Orders past their deadline, alerted or not, the longest overdue first, each with the time of its status."""

    def with_failed_refund(self, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        """Orders with a failed refund that nobody has written off, each with the time of the failure."""


class Carts(Protocol):
    """Carts. A write succeeds only if the stored cart still has the version that was read."""

    def of_customer(self, customer_id: UUID) -> Cart | None: ...

    def of_guest(self, token_hash: bytes) -> Cart | None: ...

    def save(self, cart: Cart) -> Cart:
        """Insert a new cart or update the version that was read; returns it as saved. Raises Stale."""

    def remove(self, cart: Cart) -> None:
        """Raises Stale."""

    def unlock(self, order_id: UUID, *, keep_items: bool, now: datetime) -> None:
        """Unlock the cart that this order locks, and empty it unless `keep_items`."""

    def prune(self, before: datetime) -> int:
        """Delete a slice of the unlocked carts that were last touched before then; returns how many."""


class Offers(Protocol):
    """This module's copy of catalog's offers and stock levels."""

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """The known offers of these SKUs, without their availability. Unknown SKUs are left out."""

    def with_availability(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """As `of`, with their availability."""

    def keep(self, offer: Offer, product_id: UUID, revision: int) -> None:
        """Insert or overwrite the copy of an offer; an older version never overwrites a newer one."""

    def keep_level(self, sku: str, available: int, version: int, revision: int) -> None:
        """Insert or overwrite the stock level of a SKU; an older version never overwrites a newer one."""


@dataclass(frozen=True, kw_only=True)
class UnhandledEvent:
    """An event about an order (its id is `key`) that is parked or was discarded: since when, and what can be done."""

    key: str
    sentence: str
    since: datetime
    advice: str


class UnhandledEvents(Protocol):
    """Events about orders that this module could not consume."""

    def about_orders(self, limit: int | None) -> Sequence[UnhandledEvent]:
        """At most `limit`, the parked ones first. A discarded event is left out once its order was nudged or ended."""

    def about(self, order_id: UUID) -> Sequence[UnhandledEvent]:
        """All parked and discarded events of one order, also if it was nudged or ended since."""


@dataclass(frozen=True, kw_only=True)
class OrderDiscrepancy:
    """How the data of a module differs from an order."""

    order_id: UUID
    module: str
    sentence: str


class Checks(Protocol):
    """The requests of each audit, and the answers of the other modules."""

    def ask(self, audit: UUID, order_ids: Iterable[UUID], now: datetime) -> None:
        """Store a request for each of these orders."""

    def keep(self, audit: UUID, order_id: UUID, module: str, discrepancy: str | None, now: datetime) -> None:
        """Store a module's answer about one order; it replaces an earlier one. `discrepancy` None: it agrees."""

    def answered(self, audit: UUID, module: str) -> int:
        """The number of orders that this module has answered about."""

    def unanswered(self, audit: UUID, module: str) -> tuple[int, UUID | None]:
        """The number of orders that this module has not answered about, and the first of them."""

    def discrepancies(self, audit: UUID) -> Sequence[OrderDiscrepancy]:
        """The answers that do not agree, by order and module."""

    def are_requests_sent(self) -> bool:
        """Whether the relay has sent every audit request that is in the outbox."""

    def forget_agreeing(self, audit: UUID) -> int:
        """Delete a slice of the requests and agreeing answers of an audit that is over; returns how many."""

    def prune(self, before: datetime) -> int:
        """Delete a slice of the requests and answers from before then; returns how many."""


class UnitOfWork(Protocol):
    """What one transaction of orders can reach. `now` is the same time throughout the transaction."""

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
    def shipments(self) -> Shipments: ...

    @property
    def refunds(self) -> UnitRefunds: ...

    @property
    def shipping(self) -> Shipping: ...

    @property
    def promotions(self) -> StoredPromotions: ...

    @property
    def tax(self) -> Tax: ...

    @property
    def tax_numbers(self) -> TaxNumbers: ...

    @property
    def tax_exemptions(self) -> TaxExemptions: ...

    @property
    def tax_quotes(self) -> TaxQuotes: ...

    @property
    def tax_records(self) -> TaxRecords: ...

    @property
    def tax_reports(self) -> TaxReports: ...

    @property
    def contacts(self) -> Contacts: ...

    @property
    def documents(self) -> Documents: ...

    @property
    def records(self) -> Records: ...

    @property
    def timeline(self) -> Timeline: ...

    @property
    def checks(self) -> Checks: ...

    @property
    def unhandled(self) -> UnhandledEvents: ...

    def in_use(self) -> InUse:
        """What the shop uses of what an order may have."""

    def publish(self, *events: Event) -> None:
        """Publish these events when the transaction commits."""
