"""Issue the documents that were requested for an order."""

from uuid import UUID

from app.modules.orders.domain.documents.content import content_of
from app.modules.orders.ports import UnitOfWork


def issue_documents(uow: UnitOfWork, order_id: UUID) -> None:
    """Give each requested document of the order its content and its number, the oldest first.

    The series is locked from the first number until the commit, so it has no gap whatever happens. Raises
    NotFound(no_such_order), Stale if another worker issues the same document.
    """
    order, documents = uow.orders.get(order_id), list(uow.documents.of(order_id))
    contact, policy = uow.contacts.of(order_id), uow.policies.documents
    tax_lines, buyer = uow.tax.lines(order_id), uow.tax_numbers.of_order(order_id)
    for i, document in enumerate(documents):
        if document.number is None:
            content = content_of(order, document, documents[:i], contact, policy.seller, tax_lines, buyer)
            documents[i] = issued = uow.documents.issue(document, policy.series[document.kind], content, uow.now)
            detail: dict[str, object] = {"series": issued.series, "number": issued.number}
            uow.timeline.record(order_id, "orders", f"{document.kind}_issued", uow.now, detail)
