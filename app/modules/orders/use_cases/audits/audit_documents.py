"""Compare invoices and credit notes with the orders that they are about, and the numbers of each series."""

from collections.abc import Iterator
from datetime import timedelta

from app.kernel.audit import AuditScope, Discrepancy
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork

MAX_WAITING = 1000


def audit_documents(reading: Transaction[UnitOfWork], scope: AuditScope) -> Iterator[int | Discrepancy]:
    """Yields each discrepancy, and the number of orders compared. A document may wait for its number for a moment."""
    with reading() as uow:
        waiting = uow.documents.waiting(uow.now - timedelta(seconds=scope.wait), MAX_WAITING)
        differing, gaps = uow.documents.that_differ(scope.since), uow.documents.gaps()
        count = uow.documents.count_since(scope.since)
        lacking = uow.documents.without_invoice(scope.since, uow.policies.documents.invoices)
    yield count
    for document in waiting:
        sentence = f"the {document.kind} of order {document.order_id} was requested and is not issued"
        yield Discrepancy(subject=str(document.order_id), sentence=sentence)
    for order_id in lacking:
        yield Discrepancy(subject=str(order_id), sentence=f"order {order_id} has no invoice")
    for order_id, documented, credited in differing:
        sentence = f"order {order_id}: refunded or cancelled are {credited}, and by its documents {documented}"
        yield Discrepancy(subject=str(order_id), sentence=sentence)
    for series, last, issued in gaps:
        yield Discrepancy(
            subject=None, sentence=f"the last number of {series} is {last}, and it has {issued} documents"
        )
