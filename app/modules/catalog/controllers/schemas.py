"""What catalog takes and gives as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.web.schemas import Flag, Integer, Money, Schema, Sku, Slug, Text
from app.web.texts import folded

MOST_VARIANTS, MOST_ATTRIBUTES, MOST_STOCK = 250, 30, 1_000_000
LONGEST_NAME, LONGEST_VALUE, LONGEST_DESCRIPTION = 60, 255, 65_000  # characters; the first two of an attribute


class AttributeName(Text):
    """What an attribute is called in this shop: colour, Color, Größe. It has no `=`: search puts one behind it."""

    def __init__(self, **kwargs: Any) -> None:
        no_sign = validate.ContainsNoneOf("=", error="No = in the name of an attribute.")
        super().__init__(longest=LONGEST_NAME, validate=[no_sign], **kwargs)


class Attributes(fields.Dict):
    """Names and values, such as {"Color": "blue"}; no two names differ in case alone."""

    def __init__(self, **kwargs: Any) -> None:
        most = validate.Length(max=MOST_ATTRIBUTES)
        super().__init__(keys=AttributeName(), values=Text(longest=LONGEST_VALUE), validate=most, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MOST_ATTRIBUTES:
            raise ValidationError(f"Longer than maximum length {MOST_ATTRIBUTES}.")
        found: dict[Any, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if len({folded(name) for name in found}) < len(value):
            raise ValidationError("A name is given twice.")
        return found


class NewVariant(Schema):
    """A form that a product is sold in; the name may be left out where there is only one."""

    sku = Sku(required=True)
    name = Text(shortest=0, load_default="")
    price = fields.Nested(Money, required=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)


class ChangedVariant(Schema):
    """What is to be different about a variant."""

    name = Text(shortest=0)
    price = fields.Nested(Money)
    attributes = Attributes()
    on_sale = Flag()


class Warning(Schema):
    """What was taken, and should be known: price_below_least."""

    code = fields.String()
    sku = fields.String()
    detail = fields.String()


class Variant(Schema):
    """A variant, with how many can be had; `warnings`, where there are any, in the answer to a change."""

    sku = Sku()
    name = fields.String()
    price = fields.Nested(Money)
    attributes = Attributes()
    on_sale = fields.Boolean()
    available = fields.Integer()
    version = fields.Integer()
    warnings = fields.List(fields.Nested(Warning))


class NewProduct(Schema):
    """A product, with its variants; the slug is made of the name where it is left out."""

    name = Text(required=True)
    slug = Slug()
    description = Text(longest=LONGEST_DESCRIPTION, shortest=0, lines=True, load_default="")
    category = Slug(load_default=None, allow_none=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)
    variants = fields.List(fields.Nested(NewVariant), load_default=list, validate=validate.Length(max=MOST_VARIANTS))


class ChangedProduct(Schema):
    """What is to be different about a product."""

    name = Text()
    slug = Slug()
    description = Text(longest=LONGEST_DESCRIPTION, shortest=0, lines=True)
    category = Slug(allow_none=True)
    attributes = Attributes()
    on_sale = Flag()


class Product(Schema):
    """A product, whole."""

    id = fields.UUID()
    slug = fields.String()
    name = fields.String()
    description = fields.String()
    category = fields.String(allow_none=True)
    attributes = Attributes()
    on_sale = fields.Boolean()
    created_at = fields.DateTime()
    version = fields.Integer()
    variants = fields.List(fields.Nested(Variant))
    warnings = fields.List(fields.Nested(Warning))


class NewCategory(Schema):
    """A category; its slug stays for good."""

    slug = Slug(required=True)
    name = Text(required=True)
    parent = Slug(load_default=None, allow_none=True)


class ChangedCategory(Schema):
    """What is to be different about a category; parent null: at the top."""

    name = Text()
    parent = Slug(allow_none=True)


class Category(Schema):
    """A category."""

    slug = fields.String()
    name = fields.String()
    parent = fields.String(allow_none=True)
    version = fields.Integer()


class Branch(Schema):
    """A category with all below it."""

    slug = fields.String()
    name = fields.String()
    version = fields.Integer()
    children = fields.List(fields.Nested(lambda: Branch()))


class Tree(Schema):
    """All categories."""

    items = fields.List(fields.Nested(Branch))


class Level(Schema):
    """How many of a sku can be had; the counters are for staff."""

    sku = fields.String()
    available = fields.Integer()
    on_hand = fields.Integer()
    held = fields.Integer()
    version = fields.Integer()


class NewMovement(Schema):
    """Goods came in (received), or a count was wrong (adjusted: also below zero)."""

    kind = fields.String(required=True, validate=validate.OneOf(["received", "adjusted"]))
    quantity = Integer(required=True, least=-MOST_STOCK, most=MOST_STOCK)
    reason = Text(required=True, longest=200)


class Movement(Schema):
    """One row of the ledger."""

    id = fields.UUID()
    sku = fields.String()
    kind = fields.String()
    quantity = fields.Integer()
    order_id = fields.UUID(allow_none=True)
    who = fields.String()
    reason = fields.String()
    at = fields.DateTime()


class MovementList(Schema):
    """One page of the ledger, the newest first."""

    items = fields.List(fields.Nested(Movement))
    next = fields.String(allow_none=True)


class Held(Schema):
    """What an open order holds."""

    order_id = fields.UUID()
    quantity = fields.Integer()
    since = fields.DateTime()


class Explanation(Schema):
    """Where a sku's stock is: the counters, who holds of it (the oldest hundred), and the ledger added up by kind."""

    sku = fields.String()
    on_hand = fields.Integer()
    held = fields.Integer()
    available = fields.Integer()
    sold = fields.Integer()
    holds = fields.List(fields.Nested(Held))
    ledger = fields.Dict(keys=fields.String(), values=fields.Integer())
    on_hand_by_ledger = fields.Integer()
    agrees = fields.Boolean()
