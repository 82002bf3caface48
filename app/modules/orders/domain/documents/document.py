"""Invoices and credit notes: which of them an order must have.

An order has one invoice of its total. Each refund is followed by a credit note of that amount, each refund that fails
later by another invoice of it, and the end of an invoiced order without its money by a credit note of the rest. So the
documents of an order always add up to what is due. A document that has its number never changes; another one corrects
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.kernel.money import Money
from app.modules.orders.domain.orders.order import Line, Order, Totals
from app.modules.orders.domain.tax.given_back import GivenBack, Units
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.domain.tax.taxed import TaxLine


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceTime(StrEnum):
    """When an invoice is issued."""

    OFF = "off"
    PAID = "paid"
    DISPATCHED = "dispatched"  # with the first shipment; at once, where nothing of the order ships


@dataclass(frozen=True)
class Seller:
    """Who sells, as the law wants it on an invoice. `address`: its lines. `tax_number`: may be empty."""

    name: str
    address: tuple[str, ...]
    tax_number: str


@dataclass(frozen=True, kw_only=True)
class DocumentPolicy:
    """When invoices are issued, by whom, and the series that count invoices and credit notes."""

    invoices: InvoiceTime
    seller: Seller
    series: dict[DocumentKind, str]


@dataclass(frozen=True, order=True)
class TaxShare:
    """The tax of one rate that is in the amount of a document, and what it is computed of; in the smallest unit."""

    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    base: int
    amount: int


@dataclass(frozen=True)
class Content:
    """What a document says. It holds copies, so that no later change of an order, an address or a setting reaches it.

    `lines` and `totals` are those of the order if the document is about all of it; a refund of a part has neither.
    `buyer`: name and address as lines; empty if the order has no address. `tax_lines`: what is in the amount of the tax
    of each line and of shipping; `taxes`: their sums by rate. Both have also those of zero.
    """

    seller: Seller
    buyer: tuple[str, ...]
    language: str
    order_number: str
    placed_at: datetime
    amount: Money
    corrects: str | None = None  # the number of the document that it corrects
    lines: tuple[Line, ...] = ()
    totals: Totals | None = None
    taxes: tuple[TaxShare, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    buyer_tax_number: str = ""
    is_tax_included: bool = False  # whether the prices have the tax in them


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document of an order, the `n`th. Without series, number and content it is requested and not issued yet.

    `credited_before` and `credited`: what was refunded or cancelled of the order in all, before this document and with
    it; `units_before` and `units`: the units that of this were refunded by themselves.
    """

    order_id: UUID
    n: int
    kind: DocumentKind
    credited_before: int
    credited: int
    requested_at: datetime
    units_before: Units = field(default_factory=dict)
    units: Units = field(default_factory=dict)
    series: str | None = None
    number: int | None = None
    issued_at: datetime | None = None
    content: Content | None = None

    @property
    def name(self) -> str:
        """Its series and number, as people write them."""
        return f"{self.series}-{self.number}"

    @property
    def place(self) -> tuple[datetime, str, int]:
        """Its place in the list of all issued documents."""
        assert self.issued_at and self.series and self.number, "it is issued"
        return self.issued_at, self.series, self.number

    @property
    def given_back(self) -> tuple[GivenBack, GivenBack]:
        """What is given back of the order before this document and with it."""
        return GivenBack(self.credited_before, self.units_before), GivenBack(self.credited, self.units)

    def amount(self, order: Order) -> Money:
        """The amount that it is about, zero or more: of an invoice due, of a credit note given back."""
        if self.n == 1:
            return order.totals.total
        return Money(abs(self.credited - self.credited_before), order.currency)


def missing_documents(
    order: Order, known: Sequence[Document], now: datetime, units: Units, *, invoice: bool
) -> list[Document]:
    """The documents that the order must have besides the known ones, which are sorted by `n`.

    `units`: those that were refunded by themselves. `invoice`: whether the order gets its invoice now, if it has none.
    Without an invoice there are no other documents.
    """
    found = list(known)
    if not found and invoice:
        found.append(_next(order, found, DocumentKind.INVOICE, GivenBack(), now))
    credited = order.totals.total.amount - order.due.amount
    if found and (before := found[-1].credited) != credited:
        kind = DocumentKind.CREDIT_NOTE if credited > before else DocumentKind.INVOICE
        found.append(_next(order, found, kind, GivenBack(credited, units), now))
    return found[len(known) :]


def _next(order: Order, known: Sequence[Document], kind: DocumentKind, now_given: GivenBack, now: datetime) -> Document:
    before = known[-1].given_back[1] if known else GivenBack()
    return Document(
        order_id=order.id,
        n=len(known) + 1,
        kind=kind,
        credited_before=before.amount,
        credited=now_given.amount,
        units_before=before.units,
        units=now_given.units,
        requested_at=now,
    )


class Documents(Protocol):
    """Invoices and credit notes: those that are requested, and those that are issued and so have a number."""

    def of(self, order_id: UUID) -> Sequence[Document]:
        """All documents of an order, the oldest first."""

    def named(self, name: str) -> Document | None:
        """The document with this series and number, such as INV-17."""

    def issued(
        self, since: datetime | None, until: datetime | None, after: tuple[datetime, str, int] | None, limit: int
    ) -> Sequence[Document]:
        """Documents issued in this period, the oldest first; `after`: time, series and number of the last one seen."""

    def request(self, *missing: Document) -> None:
        """Insert these."""

    def issue_later(self, order_id: UUID) -> None:
        """Have a job issue the requested documents of this order after the commit."""

    def issue(self, document: Document, series: str, content: Content, now: datetime) -> Document:
        """Give a requested document the next number of the series, and this time or that of the number before, if that
        is later. Raises Stale if it has one.
        """

    def waiting(self, before: datetime, limit: int) -> Sequence[Document]:
        """Documents that were requested before then and are not issued, the oldest first."""

    def count_since(self, since: datetime) -> int:
        """The number of orders with a document that was requested since then."""

    def that_differ(self, since: datetime) -> Sequence[tuple[UUID, int, int]]:
        """Of these, the orders whose documents credit another amount than the order says: id, theirs, its own."""

    def without_invoice(self, since: datetime, time: InvoiceTime) -> Sequence[UUID]:
        """Orders placed since then that must have an invoice at this time and have none. The time before the first
        document is left out: the shop issued none.
        """

    def gaps(self) -> Sequence[tuple[str, int, int]]:
        """Series that have not as many documents as their last number says: name, last number, documents."""
