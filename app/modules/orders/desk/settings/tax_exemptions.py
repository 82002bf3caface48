"""Customers that are exempt from tax."""

from functools import partial
from uuid import UUID

from flask import request
from marshmallow import fields

from app.desk.forms import Form, Input, Sent, reason
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.kernel.transaction import Transaction
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_exemption import end_exemption, exempt_customer
from app.ops.caller import caller
from app.web.paging import id_after

EXEMPT = Form(
    "new-tax-exemption",
    "Exempt a customer",
    "The customer pays no tax from the next order on.",
    (Input("customer_id", "Id of the customer", fields.UUID(required=True)), reason()),
)
END = Form("end-tax-exemption", "End", "The customer pays tax again, from the next order on.", danger=True)


def add_tax_exemptions(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    page = partial(exemptions_page, reading)
    pages.page("/tax/exemptions", "tax-exemptions", page)
    pages.action("/tax/exemptions", EXEMPT, transaction, exempt, "tax-exemptions", page)
    path = "/tax/exemptions/<uuid:customer_id>/end"
    pages.action(path, END, transaction, end, "tax-exemptions", lambda customer_id: page())


def exemptions_page(reading: Transaction[UnitOfWork]) -> str:
    start = id_after(request.args.get("cursor"))
    with reading() as uow:
        found = uow.tax_exemptions.after(start, PER_PAGE + 1)
    exemptions, following = paged(found, lambda each: [str(each.customer_id)])
    return render("orders/tax_exemptions.html", exemptions=exemptions, next=following, form=EXEMPT, end=END)


def exempt(uow: UnitOfWork, sent: Sent) -> None:
    exempt_customer(uow, sent.values["customer_id"], caller(), sent.values["reason"])


def end(uow: UnitOfWork, sent: Sent, customer_id: UUID) -> None:
    end_exemption(uow, customer_id, caller(), "the exemption has ended")
