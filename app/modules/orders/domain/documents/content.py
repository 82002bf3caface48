"""What an invoice or a credit note says: copies of what the order was when it was placed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from app.kernel.money import Money
from app.modules.orders.domain.documents.document import Content, Document, DocumentKind, Seller, TaxShare
from app.modules.orders.domain.orders.contact import Contact
from app.modules.orders.domain.orders.order import Line, Order, Totals
from app.modules.orders.domain.orders.unit_refund import paid_for
from app.modules.orders.domain.tax.given_back import given_back
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
    given = _tax_lines(order, document, tax_lines)
    taxes = _taxes(given)
    lines, totals = _lines_and_totals(order, document, taxes)
    return Content(
        seller=seller,
        buyer=_lines_of(contact),
        language=contact.language,
        order_number=order.number,
        placed_at=order.placed_at,
        amount=document.amount(order),
        corrects=_corrected(document, earlier),
        lines=lines,
        totals=totals,
        taxes=taxes,
        tax_lines=given,
        is_tax_included=order.totals.tax_included,
        buyer_tax_number=f"{buyer.country}{buyer.number}" if buyer else "",
    )


def _lines_and_totals(
    order: Order, document: Document, taxes: Sequence[TaxShare]
) -> tuple[tuple[Line, ...], Totals | None]:
    """Those of the order if the document is about all of it, and those of the units if it is about units and nothing
    else. Otherwise there are none, as they would not come to the amount.
    """
    whole = document.credited_before == 0 and document.credited == order.totals.total.amount
    if document.n == 1 or (whole and not document.units):
        return order.lines, order.totals
    lines = tuple(filter(None, (_line_of_units(line, document) for line in order.lines)))
    none = Money(0, order.currency)
    items = sum((line.unit_price * line.quantity for line in lines), none)
    tax, included = Money(sum(each.amount for each in taxes), order.currency), order.totals.tax_included
    discount = Money(sum(line.discount for line in lines), order.currency)
    total = items - discount + (none if included else tax)
    if not lines or total != document.amount(order):
        return (), None
    return lines, Totals(items=items, shipping=none, tax=tax, discount=discount, total=total, tax_included=included)


def _line_of_units(line: Line, document: Document) -> Line | None:
    """The units of a line that this document is about, with their share of its discount."""
    before, after = sorted(each.get(line.sku, (0, 0))[0] for each in (document.units_before, document.units))
    if before == after:
        return None
    goods = paid_for(line, (), after) - paid_for(line, (), before)
    units = after - before
    return replace(
        line,
        quantity=units,
        discount=line.unit_price.amount * units - goods,
        cancelled=0,
        packed=0,
        dispatched=0,
        returned=0,
        refunded=0,
    )


def _tax_lines(order: Order, document: Document, lines: Sequence[TaxLine]) -> tuple[TaxLine, ...]:
    """The tax of each line: all of it on the invoice, and what is given back on what corrects it, as in the report."""
    if document.n == 1:
        return tuple(lines)
    before, after = document.given_back
    if document.kind is DocumentKind.INVOICE:
        before, after = after, before
    shares = given_back(lines, order.currency, order.totals.total.amount, before, after)
    return tuple(replace(line, base=each.base, amount=each.tax) for line, each in zip(lines, shares, strict=True))


def _taxes(lines: Sequence[TaxLine]) -> tuple[TaxShare, ...]:
    """Summed up by rate."""
    sums: dict[tuple[str, str, int, Reason], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        of_rate = sums[line.jurisdiction, line.name, line.ppm, line.reason]
        of_rate[0] += line.base
        of_rate[1] += line.amount
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
