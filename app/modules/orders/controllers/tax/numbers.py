"""Routes of a customer's own tax numbers."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask.views import MethodView
from marshmallow import fields, validate
from msgspec import Struct

from app.kernel.transaction import Transaction
from app.modules.orders.domain.tax.numbers import FORMS, TaxNumber
from app.modules.orders.domain.tax.rules import NumberState
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.add_tax_number import add_tax_number
from app.modules.orders.use_cases.tax.remove_tax_number import own_tax_number, remove_tax_number
from app.web.auth import customer_id, signed_in
from app.web.blueprint import Answer, Blueprint, Timestamp, answers, arguments
from app.web.idempotency import claim_key, same_answer
from app.web.operation import IDEMPOTENCY_KEY, operation
from app.web.schemas import Schema, Text


class NewTaxId(Schema):
    """A tax number of a country of the EU, with or without its country before it."""

    example: ClassVar = {"country": "AT", "number": "U12345678"}

    country = fields.String(required=True, validate=validate.OneOf(sorted(FORMS)), metadata={"example": "AT"})
    number = Text(required=True, max_length=40)


class TaxId(Struct, frozen=True):
    """A tax number, and what is known of it: only one that is valid changes the tax of an order."""

    id: UUID
    country: str
    number: str
    state: NumberState
    checked_at: Timestamp | None


class TaxIdList(Struct, frozen=True):
    """Your tax numbers, in one page, the oldest first."""

    items: list[TaxId]
    next: None = None


def tax_numbers_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("tax_ids", "/tax-ids", "The tax numbers of businesses that buy")
    blp.add("", TaxIds, transaction, reading)
    blp.add("/<uuid:tax_id>", OneTaxId, transaction, reading)
    return blp


@dataclass(frozen=True)
class TaxIds(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, TaxIdList)
    @operation("list_tax_ids")
    def get(self) -> TaxIdList:
        """List your tax numbers"""
        with self.reading() as uow:
            return TaxIdList([_view(each) for each in uow.tax_numbers.of(customer_id())])

    @signed_in
    @arguments(NewTaxId())
    @answers(201, TaxId)
    @operation(
        "create_tax_id",
        IDEMPOTENCY_KEY,
        refusals={
            404: "no_such_tax_number",
            409: "tax_is_off tax_number_exists too_many_tax_numbers",
            422: "bad_tax_number",
        },
    )
    def post(self, new: dict[str, Any]) -> TaxId | Answer[TaxId]:
        """Add a tax number; it is verified soon. A repeated request gets it as it is now, or 404 if it was deleted"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:  # no response was stored: it would be another copy of the number
                before = own_tax_number(uow, claim.resource_id, customer_id())
                return same_answer(claim, lambda: _view(before))
            return _view(add_tax_number(uow, claim.resource_id, customer_id(), new["country"], new["number"]))


@dataclass(frozen=True)
class OneTaxId(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, TaxId)
    @operation("get_tax_id", refusals={404: "no_such_tax_number"})
    def get(self, tax_id: UUID) -> TaxId:
        """Get one of your tax numbers"""
        with self.reading() as uow:
            return _view(own_tax_number(uow, tax_id, customer_id()))

    @signed_in
    @answers(204)
    @operation("delete_tax_id", refusals={404: "no_such_tax_number"})
    def delete(self, tax_id: UUID) -> None:
        """Delete one of your tax numbers; orders keep theirs"""
        with self.transaction() as uow:
            remove_tax_number(uow, tax_id, customer_id())


def _view(number: TaxNumber) -> TaxId:
    return TaxId(number.id, number.country, number.number, number.state, number.checked_at)
