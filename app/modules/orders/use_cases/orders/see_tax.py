"""Read the tax of an order, and record what is refunded of it."""

from collections.abc import Sequence

from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.tax.given_back import GivenBack
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.record_tax import request_reversal


def tax_lines_of(uow: UnitOfWork, order: Order) -> Sequence[TaxLine]:
    """The tax of an order, line by line. An order that was placed while tax was off costs no statement."""
    return uow.tax.lines(order.id) if _has_tax(uow, order) else ()


def record_tax_refund(uow: UnitOfWork, order: Order, before: GivenBack, after: GivenBack) -> None:
    """Record how far an order with tax is refunded now, for the report and the provider. `order`: as it was before."""
    if before != after and _has_tax(uow, order):
        uow.tax_reports.record(order.id, order.version, uow.now, before, after)
        request_reversal(uow, order, after)


def _has_tax(uow: UnitOfWork, order: Order) -> bool:
    totals = order.totals
    return bool(totals.tax.amount or totals.tax_included or not uow.policies.tax.is_off)
