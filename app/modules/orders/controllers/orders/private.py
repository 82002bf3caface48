"""Routes of what is stored apart from an order: its contact with addresses, and what staff add for other systems."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask import Response
from flask.views import MethodView
from marshmallow import ValidationError, validates_schema
from msgspec import Struct

from app.kernel.address import Address as PostalAddress
from app.kernel.transaction import Transaction
from app.modules.orders.controllers import schemas, views
from app.modules.orders.controllers.orders.orders import order_page
from app.modules.orders.domain.orders import contact as domain
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.record import Record
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.change_address import change_address
from app.modules.orders.use_cases.orders.change_record import change_record, get_record
from app.modules.orders.use_cases.orders.see_order import list_orders, see_order
from app.ops.bodies import MAX_REASON_LENGTH, OperationReason
from app.ops.caller import caller
from app.web.auth import customer_id, is_staff, signed_in, staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.emails import Email
from app.web.etags import expected, tagged
from app.web.operation import ETAG, IF_MATCH, operation
from app.web.paging import id_after
from app.web.schemas import Address, AddressField, ExternalReference, Integer, Metadata, Schema, Text


class ChangeAddress(Schema):
    """What to change; omitted fields keep their value. `reason`: why, required of staff; it is recorded."""

    example: ClassVar[dict[str, object]] = {"shipping_address": Address.example}
    described: ClassVar = {"minProperties": 1}

    email = Email()
    language = schemas.Language()
    shipping_address = AddressField(attribute="shipping")
    billing_address = AddressField(attribute="billing", allow_none=True)
    reason = Text(max_length=MAX_REASON_LENGTH, lines=True)

    @validates_schema
    def _is_a_change(self, values: dict[str, Any], **_: Any) -> None:
        if not values:
            raise ValidationError("Send at least one field.")


class SearchOrders(Schema):
    """The e-mail address of the contact. It is sent in the body, since URLs are logged."""

    example: ClassVar[dict[str, object]] = {"email": "ada@example.com"}

    email = Email(required=True)
    limit = Integer(minimum=1, maximum=100, load_default=20)
    cursor = Text(max_length=500, load_default=None)


class OrderRecordChange(OperationReason):
    """What staff store with an order for other systems; omitted fields keep their value."""

    example: ClassVar[dict[str, object]] = {"external_reference": "SO-10024", "reason": "exported"}

    external_reference = ExternalReference()
    metadata = Metadata()


class OrderAddress(Struct, frozen=True):
    """A postal address of an order. Fields that do not apply are empty."""

    name: str
    company: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str
    phone: str


class OrderContact(Struct, frozen=True):
    """Who an order is for, and where it goes. What was not given is empty or null."""

    email: str
    language: str
    shipping_address: OrderAddress | None
    billing_address: OrderAddress | None


class OrderRecord(Struct, frozen=True):
    """What staff store with an order for other systems. Its version is not that of the order."""

    order_id: UUID
    external_reference: str | None
    metadata: dict[str, str]
    version: int


def private_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("order_contacts", "/orders", "Who orders are for, and what staff store with them")
    blp.add("/search", OrderSearch, reading)
    blp.add("/<uuid:order_id>/address", AddressOfOrder, transaction, reading)
    blp.add("/<uuid:order_id>/record", RecordOfOrder, transaction, reading)
    return blp


@dataclass(frozen=True)
class OrderSearch(MethodView):
    reading: Transaction[UnitOfWork]

    @staff_only
    @arguments(SearchOrders())
    @answers(200, views.OrderPage)
    @operation("search_orders", refusals={422: "bad_cursor"})
    def post(self, body: dict[str, Any]) -> views.OrderPage:
        """Find the orders of an e-mail address, newest first. Send `next` as `cursor` for the next page"""
        limit, id = body["limit"], id_after(body["cursor"])
        start = Position(0, id) if id else None
        with self.reading() as uow:
            wanted = OrderFilter(email=body["email"])
            found = list_orders(uow, customer_id(), True, wanted, Sort.NEWEST, start, limit + 1)
        return order_page(found, limit)


@dataclass(frozen=True)
class AddressOfOrder(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, OrderContact)
    @operation("get_order_address", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> OrderContact:
        """Get who an order is for: e-mail address, language, shipping and billing address"""
        with self.reading() as uow:
            order = see_order(uow, order_id, customer_id(), is_staff())
            return _contact_view(uow.contacts.of(order.id))

    @signed_in
    @arguments(ChangeAddress())
    @answers(200, OrderContact)
    @operation(
        "update_order_address",
        refusals={
            404: "no_such_order",
            409: "address_changes_price already_packed wrong_state",
            422: "reason_needed",
        },
    )
    def patch(self, changes: dict[str, Any], order_id: UUID) -> OrderContact:
        """Update who an order is for, until something is packed; the price of shipping must stay the same"""
        why = changes.pop("reason", None)
        with self.transaction() as uow:
            return _contact_view(change_address(uow, order_id, customer_id(), is_staff(), changes, why))


@dataclass(frozen=True)
class RecordOfOrder(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, OrderRecord, ETAG)
    @operation("get_order_record", refusals={404: "no_such_order"})
    def get(self, order_id: UUID) -> Answer[OrderRecord] | Response:
        """Get what staff store with an order for other systems: external reference and metadata"""
        with self.reading() as uow:
            record = get_record(uow, order_id)
        return tagged(_record_view(record), record.version)

    @staff_only
    @arguments(OrderRecordChange())
    @answers(200, OrderRecord, ETAG)
    @operation("update_order_record", IF_MATCH, refusals={404: "no_such_order", 409: "external_reference_taken"})
    def patch(self, changes: dict[str, Any], order_id: UUID) -> Answer[OrderRecord] | Response:
        """Change what staff store with an order for other systems. The reason is recorded in the trail"""
        why = changes.pop("reason")
        with self.transaction() as uow:
            record = change_record(uow, order_id, changes, expected(), caller(), why)
        return tagged(_record_view(record), record.version)


def _contact_view(contact: domain.Contact) -> OrderContact:
    return OrderContact(contact.email, contact.language, _address(contact.shipping), _address(contact.billing))


def _address(address: PostalAddress | None) -> OrderAddress | None:
    return OrderAddress(**vars(address)) if address else None


def _record_view(record: Record) -> OrderRecord:
    return OrderRecord(record.order_id, record.external_reference, dict(record.metadata), record.version)
