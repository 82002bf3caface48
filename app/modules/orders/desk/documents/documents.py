"""Invoices and credit notes: the list of a period, and each as a page to print."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Response, g, request
from marshmallow import fields

from app.desk.forms import Input, read
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel.errors import Refused
from app.kernel.transaction import Transaction
from app.modules.orders.desk.times import midnight
from app.modules.orders.domain.documents.document import Document
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.documents.see_documents import see_document
from app.web.auth import customer_id
from app.web.paging import after, bad_cursor

Printed = Callable[[Document], Response]

PERIOD = (
    Input("since", "Issued from", fields.Date(load_default=None), "date"),
    Input("until", "Issued until", fields.Date(load_default=None), "date"),
)


def add_documents(pages: Pages, reading: Transaction[UnitOfWork], printed: Printed) -> None:
    """`printed`: makes the page of a document, which is the one that its customer gets."""
    pages.page("/documents", "documents", partial(documents_page, reading))
    pages.page("/documents/<number>", "document", partial(printed_page, reading, printed))


def documents_page(reading: Transaction[UnitOfWork]) -> str:
    try:
        wanted = read(PERIOD, request.args)
        since, until = midnight(wanted["since"]), midnight(wanted["until"], days=1)
    except Refused as refused:
        g.refused, g.refused_at, g.refused_values = refused, request.path, request.args.to_dict()
        return render("orders/documents.html", documents=(), next=None, inputs=PERIOD, wanted={})
    start = _position(request.args.get("cursor"))
    with reading() as uow:
        found = uow.documents.issued(since, until, start, PER_PAGE + 1)
    documents, following = paged(found, _key)
    return render("orders/documents.html", documents=documents, next=following, inputs=PERIOD, wanted=wanted)


def printed_page(reading: Transaction[UnitOfWork], printed: Printed, number: str) -> Response:
    """It brings its own style, and the policy for that."""
    with reading() as uow:
        page = printed(see_document(uow, number, customer_id(), True))
    g.desk_policy = page.headers["Content-Security-Policy"]
    return page


def _key(document: Document) -> list[str | int]:
    issued_at, series, number = document.place
    return [issued_at.isoformat(), series, number]


def _position(cursor: str | None) -> tuple[datetime, str, int] | None:
    """Raises Invalid(bad_cursor)."""
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
