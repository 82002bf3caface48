"""The response bodies of invoices and credit notes."""

from uuid import UUID

from msgspec import Struct

from app.kernel.money import Money
from app.modules.orders.controllers.tax.line_views import TaxLine, tax_lines_view
from app.modules.orders.controllers.views import OrderTotals, totals_view
from app.modules.orders.domain.documents import document as domain
from app.modules.orders.domain.documents.document import DocumentKind
from app.modules.orders.domain.orders.order import Line
from app.modules.orders.domain.tax.rules import Reason
from app.web.blueprint import Timestamp


class Seller(Struct, frozen=True):
    """Who sells. `address`: its lines. `tax_number`: empty if the seller has none."""

    name: str
    address: list[str]
    tax_number: str


class DocumentLine(Struct, frozen=True):
    """A line of an invoice. `amount`: of all its units, before `discount`, its share of all discounts."""

    sku: str
    name: str
    quantity: int
    unit_price: Money
    amount: Money
    discount: Money


class DocumentTax(Struct, frozen=True):
    """The tax at one rate, in parts per million, that is in the amount of a document, also if it is zero. `base`: what
    it is computed of.
    """

    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    base: Money
    amount: Money


class Document(Struct, frozen=True):
    """An invoice or a credit note; it never changes. `corrects`: the document that it corrects, such as INV-17.

    `amount`: what an invoice charges or a credit note gives back. `lines` and `totals` are those of the order if the
    document is about all of it, those of the units if it is about units, and none and null if it is about a part.
    `buyer`: lines of an address, or none. `tax_lines`: the tax of each line and of shipping that is in the amount, and
    `taxes` their sums.
    """

    series: str
    number: int
    kind: DocumentKind
    issued_at: Timestamp
    corrects: str | None
    order_id: UUID
    order_number: str
    placed_at: Timestamp
    seller: Seller
    buyer: list[str]
    lines: list[DocumentLine]
    totals: OrderTotals | None
    taxes: list[DocumentTax]
    tax_lines: list[TaxLine]
    buyer_tax_number: str
    amount: Money


class DocumentList(Struct, frozen=True):
    """All documents of an order in one page, the oldest first."""

    items: list[Document]
    next: None = None


class DocumentPage(Struct, frozen=True):
    """Documents by the time of their issue, the oldest first."""

    items: list[Document]
    next: str | None


def document_view(document: domain.Document) -> Document:
    content = document.content
    assert content and document.series and document.number and document.issued_at, "it is issued"
    seller = content.seller
    return Document(
        series=document.series,
        number=document.number,
        kind=document.kind,
        issued_at=document.issued_at,
        corrects=content.corrects,
        order_id=document.order_id,
        order_number=content.order_number,
        placed_at=content.placed_at,
        seller=Seller(seller.name, list(seller.address), seller.tax_number),
        buyer=list(content.buyer),
        lines=[_line(line) for line in content.lines],
        totals=totals_view(content.totals) if content.totals else None,
        taxes=[_tax(each, content.amount.currency) for each in content.taxes],
        tax_lines=tax_lines_view(content.tax_lines),
        buyer_tax_number=content.buyer_tax_number,
        amount=content.amount,
    )


def _tax(share: domain.TaxShare, currency: str) -> DocumentTax:
    amounts = Money(share.base, currency), Money(share.amount, currency)
    return DocumentTax(share.jurisdiction, share.name, share.ppm, share.reason, *amounts)


def _line(line: Line) -> DocumentLine:
    amount, discount = line.unit_price * line.quantity, Money(line.discount, line.unit_price.currency)
    return DocumentLine(line.sku, line.name, line.quantity, line.unit_price, amount, discount)
