"""What orders takes and gives as JSON."""

from marshmallow import fields, validate

from app.web.schemas import Money, Quantity, Schema, Sku


class Item(Schema):
    """So many of one sku."""

    sku = Sku(required=True)
    quantity = Quantity(required=True)


class PlaceOrder(Schema):
    """A basket, and the total that its buyer saw."""

    items = fields.List(fields.Nested(Item), required=True, validate=validate.Length(1, 100))
    expected_total = fields.Nested(Money, required=True)
