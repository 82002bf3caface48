"""What catalog takes as JSON."""

from collections.abc import Mapping
from typing import Any, ClassVar

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

    example: ClassVar = {"sku": "MUG-XL", "name": "large", "price": {"amount": 1690, "currency": "EUR"}}

    sku = Sku(required=True)
    name = Text(shortest=0, load_default="")
    price = fields.Nested(Money, required=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)


class ChangedVariant(Schema):
    """What is to be different about a variant."""

    example: ClassVar = {"price": {"amount": 1490, "currency": "EUR"}}

    name = Text(shortest=0)
    price = fields.Nested(Money)
    attributes = Attributes()
    on_sale = Flag()


class NewProduct(Schema):
    """A product, with its variants; the slug is made of the name where it is left out."""

    example: ClassVar = {
        "name": "Mug",
        "category": "kitchen",
        "attributes": {"Material": "stoneware"},
        "variants": [{"sku": "MUG", "price": {"amount": 1390, "currency": "EUR"}}],
    }

    name = Text(required=True)
    slug = Slug()
    description = Text(longest=LONGEST_DESCRIPTION, shortest=0, lines=True, load_default="")
    category = Slug(load_default=None, allow_none=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)
    variants = fields.List(fields.Nested(NewVariant), load_default=list, validate=validate.Length(max=MOST_VARIANTS))


class ChangedProduct(Schema):
    """What is to be different about a product."""

    example: ClassVar = {"description": "Holds 300 ml."}

    name = Text()
    slug = Slug()
    description = Text(longest=LONGEST_DESCRIPTION, shortest=0, lines=True)
    category = Slug(allow_none=True)
    attributes = Attributes()
    on_sale = Flag()


class NewCategory(Schema):
    """A category; its slug stays for good."""

    example: ClassVar = {"slug": "kitchen", "name": "Kitchen"}

    slug = Slug(required=True)
    name = Text(required=True)
    parent = Slug(load_default=None, allow_none=True)


class ChangedCategory(Schema):
    """What is to be different about a category; parent null: at the top."""

    example: ClassVar = {"name": "Kitchen and table"}

    name = Text()
    parent = Slug(allow_none=True)


class NewStockMovement(Schema):
    """Goods came in (received), or a count was wrong (adjusted: also below zero)."""

    example: ClassVar = {"kind": "received", "quantity": 200, "reason": "delivery 4711"}

    kind = fields.String(required=True, validate=validate.OneOf(["received", "adjusted"]))
    quantity = Integer(required=True, least=-MOST_STOCK, most=MOST_STOCK)
    reason = Text(required=True, longest=200)
