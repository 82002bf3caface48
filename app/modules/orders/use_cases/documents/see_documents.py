"""Read the documents of an order, or one of them."""

from collections.abc import Sequence
from uuid import UUID

from app.kernel.errors import NotFound
from app.modules.orders.domain.documents.document import Document
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.see_order import see_order


def see_documents(uow: UnitOfWork, order_id: UUID, caller: UUID, is_staff: bool) -> Sequence[Document]:
    """The documents of an order that are issued, the oldest first. Raises NotFound(no_such_order), see_order."""
    see_order(uow, order_id, caller, is_staff)
    return [each for each in uow.documents.of(order_id) if each.number is not None]


def see_document(uow: UnitOfWork, name: str, caller: UUID, is_staff: bool) -> Document:
    """The document with this name, such as INV-17.

    Raises NotFound(no_such_document), also if its order is another customer's and the caller is not staff.
    """
    document = uow.documents.named(name)
    if document is None or not (is_staff or uow.orders.get(document.order_id).customer_id == caller):
        raise NotFound("no_such_document", f"there is no document {name}")
    return document
