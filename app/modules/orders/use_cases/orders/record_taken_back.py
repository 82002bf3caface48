"""Record what banks have taken back of an order that was undone: in its tax and its documents it is as if refunded."""

from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.unit_refund import units_given_back
from app.modules.orders.domain.tax.given_back import GivenBack
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.request_documents import request_documents
from app.modules.orders.use_cases.orders.see_tax import record_tax_refund


def record_taken_back(uow: UnitOfWork, before: Order, saved: Order) -> None:
    """To be called once an order is saved that was undone or disputed. If another amount of it is given back than
    before, that is recorded. A dispute that is won takes it back, and the refund that follows gives it again.
    """
    if saved.given_back == before.given_back:
        return
    refunds = uow.refunds.of(saved.id) if any(line.refunded for line in saved.lines) else ()
    units = units_given_back(saved, refunds)
    was, is_now = (GivenBack(each.given_back, units) for each in (before, saved))
    record_tax_refund(uow, before, was, is_now)
    request_documents(uow, saved)
