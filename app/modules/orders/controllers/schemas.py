"""The request bodies and query parameters of orders."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.kernel.address import MAX_POSTAL_CODE_LENGTH, UNKNOWN_COUNTRY, normalized_codes
from app.kernel.countries import COUNTRIES
from app.kernel.money import MAX_AMOUNT
from app.modules.orders.domain.carts.basket import RequestedItem, basket_of
from app.modules.orders.domain.carts.quote import Delivery
from app.modules.orders.domain.orders.contact import MAX_LANGUAGE_LENGTH, Contact
from app.modules.orders.domain.orders.filter import Sort
from app.modules.orders.domain.orders.order import Fulfilment
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.promotions.codes import MAX_CODES, MAX_TYPED
from app.modules.orders.domain.shipping.zone import Destination
from app.web.emails import Email
from app.web.paging import PageArgs
from app.web.schemas import (
    MAX_REFERENCE_LENGTH,
    AddressField,
    DateTimeField,
    Integer,
    Money,
    Quantity,
    QueryInteger,
    Schema,
    Sku,
    Slug,
    Text,
)
from app.web.waiting import MAX_WAIT

STATUSES = validate.OneOf([str(status) for status in Status])


class OrderItem(Schema):
    """A quantity of one SKU. `version`: of the offer that the client saw, so that no older price is used."""

    sku = Sku(required=True)
    quantity = Quantity(required=True)
    version = Integer(minimum=1)


def requested(items: list[dict[str, Any]]) -> dict[str, RequestedItem]:
    """The basket that these items ask for. Raises Invalid(too_many)."""
    return basket_of((item["sku"], item["quantity"], item.get("version", 0)) for item in items)


class Language(fields.String):
    """A language tag, such as de or pt-BR."""

    def __init__(self, **kwargs: Any) -> None:
        tag = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", error="Use a language tag, such as de or pt-BR.")
        super().__init__(validate=[validate.Length(max=MAX_LANGUAGE_LENGTH), tag], metadata={"example": "de"}, **kwargs)


class Codes(fields.List[str]):
    """Codes of coupons, as they are typed."""

    def __init__(self, **kwargs: Any) -> None:
        one = fields.String(validate=validate.Length(1, MAX_TYPED), metadata={"example": "SUMMER26"})
        super().__init__(one, validate=validate.Length(max=MAX_CODES), **kwargs)


class PlaceOrder(Schema):
    """An order of these items or, without items, of the cart. `expected_total`: the total that the customer saw.

    `email` and `shipping_method` are required if the shop has shipping methods and something is shipped; the address,
    if the method needs one. `language`: of mails about the order; the shop's, unless it is given. `codes`: of coupons;
    those of the cart, unless they or items are given.
    """

    example: ClassVar = {
        "items": [{"sku": "MUG", "quantity": 2}],
        "expected_total": {"amount": 2780, "currency": "EUR"},
    }

    items = fields.List(fields.Nested(OrderItem), load_default=None, validate=validate.Length(1, 100))
    expected_total = fields.Nested(Money, required=True)
    email = Email(load_default=None)
    language = Language(load_default=None)
    shipping_address = AddressField(load_default=None)
    billing_address = AddressField(load_default=None)
    shipping_method = Slug(load_default=None)
    codes = Codes(load_default=None)


class GetQuote(Schema):
    """The items to price or, without items, the cart; where they are to be shipped, and by which method; the codes of
    coupons or, without items and codes, those of the cart.
    """

    example: ClassVar = {"items": [{"sku": "MUG", "quantity": 2}], "country": "DE", "postal_code": "10117"}

    items = fields.List(fields.Nested(OrderItem), load_default=None, validate=validate.Length(1, 100))
    country = fields.String(
        load_default=None,
        validate=validate.OneOf(sorted(COUNTRIES), error=UNKNOWN_COUNTRY),
        metadata={"example": "DE"},
    )
    region = Text(min_length=0, load_default="")
    postal_code = Text(max_length=MAX_POSTAL_CODE_LENGTH, min_length=0, load_default="")
    shipping_method = Slug(load_default=None)
    codes = Codes(load_default=None)


def delivery(body: dict[str, Any]) -> Delivery:
    """Where and how a quote is to be shipped. Its codes are normalised as those of an address are."""
    country, method = body["country"], body["shipping_method"]
    if country is None:
        return Delivery(method=method)
    region, postal_code = normalized_codes(country, body["region"], body["postal_code"])
    return Delivery(destination=Destination(country=country, region=region, postal_code=postal_code), method=method)


def contact(body: dict[str, Any]) -> Contact:
    """Who an order is for."""
    return Contact(
        email=body["email"] or "",
        language=body["language"] or "",
        shipping=body["shipping_address"],
        billing=body["billing_address"],
    )


class ListOrders(PageArgs):
    """Filters and sort order of the list of orders. `customer_id` of another customer and `external_reference` are for
    staff only.

    Totals are in the currency's smallest unit.
    """

    status = fields.String(load_default=None, validate=STATUSES)
    fulfilment = fields.Enum(Fulfilment, by_value=fields.String, load_default=None)
    customer_id = fields.UUID(load_default=None)
    placed_since = DateTimeField(load_default=None, metadata={"example": "2026-11-01T00:00:00Z"})
    placed_until = DateTimeField(load_default=None, metadata={"description": "Orders placed before this time."})
    total_min = QueryInteger(maximum=MAX_AMOUNT, load_default=None)
    total_max = QueryInteger(maximum=MAX_AMOUNT, load_default=None)
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.NEWEST)
    number = fields.String(load_default=None, validate=validate.Regexp(r"^[0-9]{6}-[0-9]{1,18}$"))
    external_reference = Text(max_length=MAX_REFERENCE_LENGTH, load_default=None)


class ListDocuments(PageArgs):
    """Filters of the list of documents."""

    issued_since = DateTimeField(load_default=None, metadata={"example": "2026-11-01T00:00:00Z"})
    issued_until = DateTimeField(load_default=None, metadata={"description": "Documents issued before this time."})


class SeeOrder(Schema):
    """`wait`: the seconds to wait until the order has another version than `version` (default: its current one)."""

    wait = QueryInteger(maximum=MAX_WAIT, load_default=None)
    version = QueryInteger(load_default=None)


class CartQuantity(Schema):
    """The new quantity of the SKU in the cart. It replaces the old one."""

    example: ClassVar = {"quantity": 2}

    quantity = Quantity(required=True)


class ListStuck(Schema):
    """`limit`: the maximum number of stuck orders in the response."""

    limit = QueryInteger(minimum=1, maximum=100, load_default=100)
