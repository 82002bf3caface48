"""What orders takes and gives as JSON."""

from typing import ClassVar

from marshmallow import fields, validate

from app.modules.orders.domain.life import Status
from app.web.paging import PageArgs
from app.web.schemas import Integer, Money, Quantity, QueryInteger, Schema, Sku
from app.web.waiting import MAX_WAIT

STATUSES = validate.OneOf([str(status) for status in Status])


class OrderItem(Schema):
    """So many of one sku; `version` of the offer that was seen, if its price must be that one's or a later one's."""

    sku = Sku(required=True)
    quantity = Quantity(required=True)
    version = Integer(minimum=1)


class PlaceOrder(Schema):
    """A basket, or without items the cart, and the total that its buyer saw."""

    example: ClassVar = {
        "items": [{"sku": "MUG", "quantity": 2}],
        "expected_total": {"amount": 2780, "currency": "EUR"},
    }

    items = fields.List(fields.Nested(OrderItem), load_default=None, validate=validate.Length(1, 100))
    expected_total = fields.Nested(Money, required=True)


class ListOrders(PageArgs):
    """Which orders; `customer_id` is for staff."""

    status = fields.String(load_default=None, validate=STATUSES)
    customer_id = fields.UUID(load_default=None)


class SeeOrder(Schema):
    """Seconds to wait for another version than `version` (default: the one it has now)."""

    wait = QueryInteger(maximum=MAX_WAIT, load_default=None)
    version = QueryInteger(load_default=None)


class CartQuantity(Schema):
    """How many there shall be in the cart, however many there were."""

    example: ClassVar = {"quantity": 2}

    quantity = Quantity(required=True)


class ListStuck(Schema):
    """How many at most."""

    limit = QueryInteger(minimum=1, maximum=100, load_default=100)
