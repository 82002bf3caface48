"""What catalog takes as JSON."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validate

from app.web.schemas import Flag, Integer, Money, Schema, Sku, Slug, Text
from app.web.texts import folded

MAX_VARIANTS, MAX_ATTRIBUTES, MAX_STOCK = 250, 30, 1_000_000
MAX_NAME_LENGTH, MAX_VALUE_LENGTH, MAX_DESCRIPTION_LENGTH = 60, 255, 65_000  # characters; the first two of an attribute


class AttributeName(Text):
    """What an attribute is called in this shop: colour, Color, Größe. It has no `=`: search puts one behind it."""

    def __init__(self, **kwargs: Any) -> None:
        no_sign = validate.ContainsNoneOf("=", error="No = in the name of an attribute.")
        super().__init__(max_length=MAX_NAME_LENGTH, validate=[no_sign], **kwargs)


class Attributes(fields.Dict):
    """Names and values, such as {"Color": "blue"}; no two names differ in case alone."""

    def __init__(self, **kwargs: Any) -> None:
        maximum = validate.Length(max=MAX_ATTRIBUTES)
        super().__init__(keys=AttributeName(), values=Text(max_length=MAX_VALUE_LENGTH), validate=maximum, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MAX_ATTRIBUTES:
            raise ValidationError(f"Longer than maximum length {MAX_ATTRIBUTES}.")
        found: dict[Any, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if len({folded(name) for name in found}) < len(value):
            raise ValidationError("A name is given twice.")
        return found


class NewVariant(Schema):
    """A form that a product is sold in; the name may be left out where there is only one."""

    example: ClassVar = {"sku": "MUG-XL", "name": "large", "price": {"amount": 1690, "currency": "EUR"}}

    sku = Sku(required=True)
    name = Text(min_length=0, load_default="")
    price = fields.Nested(Money, required=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)


class ChangedVariant(Schema):
    """What is to be different about a variant."""

    example: ClassVar = {"price": {"amount": 1490, "currency": "EUR"}}

    name = Text(min_length=0)
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
    description = Text(max_length=MAX_DESCRIPTION_LENGTH, min_length=0, lines=True, load_default="")
    category = Slug(load_default=None, allow_none=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)
    variants = fields.List(fields.Nested(NewVariant), load_default=list, validate=validate.Length(max=MAX_VARIANTS))


class ChangedProduct(Schema):
    """What is to be different about a product."""

    example: ClassVar = {"description": "Holds 300 ml."}

    name = Text()
    slug = Slug()
    description = Text(max_length=MAX_DESCRIPTION_LENGTH, min_length=0, lines=True)
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
    quantity = Integer(required=True, minimum=-MAX_STOCK, maximum=MAX_STOCK)
    reason = Text(required=True, max_length=200)
