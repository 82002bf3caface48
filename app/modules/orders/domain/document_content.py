"""What an invoice or a credit note says: copies of what the order was when it was placed."""

from collections import defaultdict
from collections.abc import Sequence

from app.modules.orders.domain.contact import Contact
from app.modules.orders.domain.document import Content, Document, DocumentKind, Seller, TaxShare
from app.modules.orders.domain.order import Order
from app.modules.orders.domain.tax.report import Refund, reversed_share
from app.modules.orders.domain.tax.rules import BuyerNumber, Reason
from app.modules.orders.domain.tax.taxed import TaxLine


def content_of(
    order: Order,
    document: Document,
    earlier: Sequence[Document],
    contact: Contact,
    seller: Seller,
    tax_lines: Sequence[TaxLine] = (),
    buyer: BuyerNumber | None = None,
) -> Content:
    """What this document says. `earlier`: the documents of the order before it, all of which are issued."""
    whole = document.n == 1 or (document.credited_before == 0 and document.credited == order.totals.total.amount)
    return Content(
        seller=seller,
        buyer=_lines_of(contact),
        language=contact.language,
        order_number=order.number,
        placed_at=order.placed_at,
        amount=document.amount(order),
        corrects=_corrected(document, earlier),
        lines=order.lines if whole else (),
        totals=order.totals if whole else None,
        taxes=_taxes(order, document, tax_lines),
        is_tax_included=order.totals.tax_included,
        buyer_tax_number=f"{buyer.country}{buyer.number}" if buyer else "",
    )


def _taxes(order: Order, document: Document, lines: Sequence[TaxLine]) -> tuple[TaxShare, ...]:
    """The tax by rate: all of it on the invoice, and its cumulative share on what corrects it, as in the tax report."""
    before, after = sorted((document.credited_before, document.credited))
    sums: dict[tuple[str, str, int, Reason], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        refund = Refund(line=line, currency=order.currency, total=order.totals.total.amount, before=before, after=after)
        share = sums[line.jurisdiction, line.name, line.ppm, line.reason]
        share[0] += line.base if document.n == 1 else reversed_share(max(line.base, 0), refund)
        share[1] += line.amount if document.n == 1 else reversed_share(line.amount, refund)
    return tuple(TaxShare(*rate, *amounts) for rate, amounts in sorted(sums.items()))


def _corrected(document: Document, earlier: Sequence[Document]) -> str | None:
    """A credit note corrects the invoice; an invoice after a failed refund, the last credit note."""
    if not earlier:
        return None
    other = DocumentKind.INVOICE if document.kind is DocumentKind.CREDIT_NOTE else DocumentKind.CREDIT_NOTE
    of_other = [each for each in earlier if each.kind is other]
    return (of_other[0] if other is DocumentKind.INVOICE else of_other[-1]).name


def _lines_of(contact: Contact) -> tuple[str, ...]:
    to = contact.billing or contact.shipping
    if to is None:
        return ()
    place = " ".join(part for part in (to.postal_code, to.city, to.region) if part)
    return tuple(line for line in (to.company, to.name, to.line1, to.line2, place, to.country) if line)
