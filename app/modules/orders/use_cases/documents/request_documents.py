"""Request the documents that an order must have."""

from app.modules.orders.domain.documents.document import InvoiceTime, missing_documents
from app.modules.orders.domain.orders.order import Order
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.orders.unit_refund import units_given_back
from app.modules.orders.ports import UnitOfWork


def request_documents(uow: UnitOfWork, order: Order) -> None:
    """Request the invoice if it is due, and a credit note of what was refunded or cancelled since the last document.

    To be called when the order was paid, dispatched, refunded or cancelled, in the transaction that saves it. A job
    issues the documents, so nobody waits for a number.
    """
    known = uow.documents.of(order.id)
    invoice = _is_invoice_due(order, uow.policies.documents.invoices)
    refunds = uow.refunds.of(order.id) if any(line.refunded for line in order.lines) else ()
    missing = missing_documents(order, known, uow.now, units_given_back(order, refunds), invoice=invoice)
    uow.documents.request(*missing)
    if any(each.number is None for each in [*known, *missing]):
        uow.documents.issue_later(order.id)


def _is_invoice_due(order: Order, time: InvoiceTime) -> bool:
    if time is InvoiceTime.DISPATCHED and any(line.ships and line.quantity > line.cancelled for line in order.lines):
        return order.is_dispatched
    return time is not InvoiceTime.OFF and order.status is Status.PAID
