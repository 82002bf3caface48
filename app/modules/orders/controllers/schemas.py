"""The request bodies and query parameters of orders."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from app.kernel.money import MAX_AMOUNT
from app.modules.orders.domain.basket import RequestedItem, basket_of
from app.modules.orders.domain.order import Fulfilment
from app.modules.orders.domain.order_filter import Sort
from app.modules.orders.domain.state_machine import Status
from app.web.paging import PageArgs
from app.web.schemas import DateTimeField, Integer, Money, Quantity, QueryInteger, Schema, Sku
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


class PlaceOrder(Schema):
    """An order of these items or, without items, of the cart. `expected_total`: the total that the customer saw."""

    example: ClassVar = {
        "items": [{"sku": "MUG", "quantity": 2}],
        "expected_total": {"amount": 2780, "currency": "EUR"},
    }

    items = fields.List(fields.Nested(OrderItem), load_default=None, validate=validate.Length(1, 100))
    expected_total = fields.Nested(Money, required=True)


class GetQuote(Schema):
    """The items to price or, without items, the cart."""

    example: ClassVar = {"items": [{"sku": "MUG", "quantity": 2}]}

    items = fields.List(fields.Nested(OrderItem), load_default=None, validate=validate.Length(1, 100))


class ListOrders(PageArgs):
    """Filters and sort order of the list of orders. `customer_id` of another customer is for staff only.

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
