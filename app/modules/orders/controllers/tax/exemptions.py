"""Routes for staff: customers that are exempt from tax."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask.views import MethodView
from msgspec import Struct

from app.kernel.transaction import Transaction
from app.modules.orders.domain.tax.exemption import TaxExemption as Exemption
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_exemption import end_exemption, exempt_customer
from app.ops.caller import caller
from app.web.auth import staff_only
from app.web.blueprint import Answer, Blueprint, Timestamp, answers, arguments
from app.web.operation import operation
from app.web.paging import PageArgs, id_after, page
from app.web.schemas import Schema, Text


class NewTaxExemption(Schema):
    """Why the customer is exempt."""

    example: ClassVar = {"reason": "certificate 4711 of the tax office of Bonn"}

    reason = Text(required=True, max_length=500)


class TaxExemption(Struct, frozen=True):
    """A customer that is exempt from tax, and why."""

    customer_id: UUID
    reason: str
    since: Timestamp


class TaxExemptionPage(Struct, frozen=True):
    """Exempt customers, by id."""

    items: list[TaxExemption]
    next: str | None


def tax_exemptions_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("tax_exemptions", "/tax/exemptions", "Customers that are exempt from tax, for staff")
    blp.add("", TaxExemptions, reading)
    blp.add("/<uuid:customer_id>", OneTaxExemption, transaction)
    return blp


@dataclass(frozen=True)
class TaxExemptions(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(PageArgs(), location="query")
    @answers(200, TaxExemptionPage)
    @operation("list_tax_exemptions", refusals={422: "bad_cursor"})
    def get(self, query: dict[str, Any]) -> Answer[TaxExemptionPage]:
        """List the customers that are exempt from tax"""
        start, limit = id_after(query["cursor"]), query["limit"]
        with self.reading() as uow:
            found = uow.tax_exemptions.after(start, limit + 1)
        return page(found, limit, lambda each: [str(each.customer_id)], _page)


@dataclass(frozen=True)
class OneTaxExemption(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(NewTaxExemption())
    @answers(200, TaxExemption)
    @operation("exempt_customer_from_tax")
    def put(self, new: dict[str, Any], customer_id: UUID) -> TaxExemption:
        """Exempt a customer from tax, from the next order on. The reason is recorded in the trail of operations"""
        with self.transaction() as uow:
            return _view(exempt_customer(uow, customer_id, caller(), new["reason"]))

    @staff_only
    @answers(204)
    @operation("end_tax_exemption", refusals={404: "no_such_tax_exemption"})
    def delete(self, customer_id: UUID) -> None:
        """Let a customer pay tax again, from the next order on"""
        with self.transaction() as uow:
            end_exemption(uow, customer_id, caller(), "the exemption has ended")


def _view(found: Exemption) -> TaxExemption:
    return TaxExemption(found.customer_id, found.reason, found.since)


def _page(found: list[Exemption], following: str | None) -> TaxExemptionPage:
    return TaxExemptionPage([_view(each) for each in found], following)
