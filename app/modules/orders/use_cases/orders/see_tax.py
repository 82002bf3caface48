"""Read the tax of an order."""

from collections.abc import Sequence

from app.modules.orders.domain.order import Order
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork


def tax_lines_of(uow: UnitOfWork, order: Order) -> Sequence[TaxLine]:
    """The tax of an order, line by line. An order that was placed while tax was off costs no statement."""
    totals = order.totals
    has_tax = totals.tax.amount or totals.tax_included or not uow.policies.tax.is_off
    return uow.tax.lines(order.id) if has_tax else ()
