"""Routes of invoices and credit notes, as JSON and as pages made to be printed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from app.kernel.clock import rfc3339
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas
from app.modules.orders.controllers.document_page import document_page
from app.modules.orders.controllers.documents import views
from app.modules.orders.controllers.documents.views import document_view
from app.modules.orders.domain.documents.document import Document as Issued
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.see_documents import see_document, see_documents
from app.web.auth import customer_id, is_staff, signed_in, staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.operation import operation
from app.web.paging import after, bad_cursor, page


def documents_blueprint(reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("documents", "", "Invoices and credit notes")
    blp.add("/orders/<uuid:order_id>/documents", OfOrder, reading)
    blp.add("/documents", Documents, reading)
    blp.add("/documents/<number>", Document, reading)
    blp.add("/documents/<number>/page", Page, reading)
    return blp


@dataclass(frozen=True)
class OfOrder(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.DocumentList)
    @operation("list_documents_of_order", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> views.DocumentList:
        """List the invoice and the credit notes of an order. They are issued moments after it is paid or refunded"""
        with self.reading() as uow:
            documents = see_documents(uow, order_id, customer_id(), is_staff())
        return views.DocumentList([document_view(each) for each in documents])


@dataclass(frozen=True)
class Documents(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.ListDocuments(), location="query")
    @answers(200, views.DocumentPage)
    @operation("list_documents", refusals={422: "bad_cursor"})
    def get(self, query: dict[str, Any]) -> Answer[views.DocumentPage]:
        """List the documents that were issued in a period, the oldest first"""
        start, limit = _position(query["cursor"]), query["limit"]
        with self.reading() as uow:
            issued = uow.documents.issued(query["issued_since"], query["issued_until"], start, limit + 1)
        return page(issued, limit, _key, _page)


@dataclass(frozen=True)
class Document(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.Document)
    @operation("get_document", refusals={404: "no_such_document"})
    def get(self, number: str) -> views.Document:
        """Get an invoice or a credit note"""
        with self.reading() as uow:
            return document_view(see_document(uow, number, customer_id(), is_staff()))


@dataclass(frozen=True)
class Page(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, description="A page to print, in HTML. It is in German for customers whose language is German.")
    @operation("get_document_page", refusals={404: "no_such_document"})
    def get(self, number: str) -> Response:
        """Get an invoice or a credit note as a page to print"""
        with self.reading() as uow:
            return document_page(see_document(uow, number, customer_id(), is_staff()))


def _key(document: Issued) -> list[str | int]:
    issued_at, series, number = document.place
    return [rfc3339(issued_at), series, number]


def _position(cursor: str | None) -> tuple[datetime, str, int] | None:
    """Decode a cursor. Raises Invalid(bad_cursor)."""
    key = after(cursor, str, str, int)
    if key is None:
        return None
    try:
        issued_at = datetime.fromisoformat(key[0])
    except ValueError:
        raise bad_cursor() from None
    if issued_at.tzinfo is None or not 0 < key[2] < 2**31:
        raise bad_cursor()
    return issued_at, key[1], key[2]


def _page(issued: list[Issued], following: str | None) -> views.DocumentPage:
    return views.DocumentPage([document_view(each) for each in issued], following)
