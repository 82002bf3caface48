"""What orders takes and gives as JSON."""

from marshmallow import fields, validate

from app.modules.orders.domain.life import Status
from app.modules.orders.domain.order import RefundState
from app.web.paging import PageArgs
from app.web.schemas import Integer, Money, Quantity, QueryInteger, Schema, Sku, Text
from app.web.waiting import LONGEST

STATUSES = validate.OneOf([str(status) for status in Status])


class Item(Schema):
    """So many of one sku; `version` of the offer that was seen, if its price must be that one's or a later one's."""

    sku = Sku(required=True)
    quantity = Quantity(required=True)
    version = Integer(least=1, load_default=0)


class PlaceOrder(Schema):
    """A basket, or without items the cart, and the total that its buyer saw."""

    items = fields.List(fields.Nested(Item), load_default=None, validate=validate.Length(1, 100))
    expected_total = fields.Nested(Money, required=True)


class ListOrders(PageArgs):
    """Which orders; `customer_id` is for staff."""

    status = fields.String(load_default=None, validate=STATUSES)
    customer_id = fields.UUID(load_default=None)


class SeeOrder(Schema):
    """Seconds to wait for another version than `version` (default: the one it has now)."""

    wait = QueryInteger(most=LONGEST, load_default=None)
    version = QueryInteger(load_default=None)


class PutItem(Schema):
    """How many there shall be in the cart, however many there were."""

    quantity = Quantity(required=True)


class Line(Schema):
    """So many of one sku, at a price each."""

    sku = fields.String()
    name = fields.String()
    quantity = fields.Integer()
    unit_price = fields.Nested(Money)


class Totals(Schema):
    """What it adds up to."""

    items = fields.Nested(Money)
    shipping = fields.Nested(Money)
    tax = fields.Nested(Money)
    discount = fields.Nested(Money)
    total = fields.Nested(Money)


class Order(Schema):
    """An order. `reason` says why it was cancelled or refunded.

    `refunded` is what went back so far, and falls where that fails later; `refund` says how that stands; `disputed` is
    what the customer's bank has taken back.
    """

    id = fields.UUID()
    customer_id = fields.UUID()
    status = fields.String(validate=STATUSES)
    reason = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(Line))
    totals = fields.Nested(Totals)
    refunded = fields.Nested(Money)
    refund = fields.Enum(RefundState, by_value=fields.String)
    disputed = fields.Nested(Money)
    placed_at = fields.DateTime()
    deadline = fields.DateTime(allow_none=True)
    version = fields.Integer()


class Orders(Schema):
    """A page of orders."""

    items = fields.List(fields.Nested(Order))
    next = fields.String(allow_none=True)


class Note(Schema):
    """One thing that happened to an order, in which module, by which request, and in which trace."""

    at = fields.DateTime()
    module = fields.String()
    what = fields.String()
    detail = fields.Dict()
    request_id = fields.String(allow_none=True)
    trace_id = fields.String(allow_none=True)


class Timeline(Schema):
    """All of an order's story: one page."""

    items = fields.List(fields.Nested(Note))
    next = fields.String(allow_none=True)


class Why(Schema):
    """The reason of what a person does by hand; it is kept with who and when."""

    reason = Text(longest=500, lines=True, required=True)


class ListStuck(Schema):
    """How many at most."""

    limit = QueryInteger(least=1, most=100, load_default=100)


class StuckOrder(Schema):
    """An order that does not move: since when, what it waits for, what can be done. `status`: or unknown here."""

    order_id = fields.UUID()
    status = fields.String()
    since = fields.DateTime()
    waits_for = fields.String()
    advice = fields.String()


class StuckOrders(Schema):
    """One page; `more` says whether there are others, to be seen once these move."""

    items = fields.List(fields.Nested(StuckOrder))
    next = fields.String(allow_none=True)
    more = fields.Boolean()


class CartLine(Line):
    """What is in a cart, at the price of now (null: unknown here); `available` is what we last heard, null: nothing."""

    unit_price = fields.Nested(Money, allow_none=True)
    on_sale = fields.Boolean()
    available = fields.Integer(allow_none=True)


class CartProblem(Schema):
    """Why a cart cannot be ordered as it is, with the code of that refusal; `sku`: the line to take out, if it is one.

    Codes: unknown_sku, not_on_sale, mixed_currencies, total_too_large.
    """

    code = fields.String()
    detail = fields.String()
    sku = fields.String(allow_none=True)


class Cart(Schema):
    """A cart; `total` is what to send as expected_total once there are no `problems`; what is no longer sold is not in
    it. `order_id` is the open order that locks the cart."""

    lines = fields.List(fields.Nested(CartLine))
    problems = fields.List(fields.Nested(CartProblem))
    total = fields.Nested(Money, allow_none=True)
    order_id = fields.UUID(allow_none=True)
