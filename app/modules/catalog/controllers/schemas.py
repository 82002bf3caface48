"""The JSON bodies of requests to catalog."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate

from app.kernel import links
from app.modules.catalog.domain import media
from app.web.schemas import OTHERS, ExternalReference, Flag, Integer, Metadata, Money, Schema, Sku, Slug, Text
from app.web.texts import INVISIBLE, NO_TEXT, TURNING, folded, pattern

MAX_VARIANTS, MAX_ATTRIBUTES, MAX_STOCK = 250, 30, 1_000_000
MAX_WEIGHT = 1_000_000  # grams
MAX_NAME_LENGTH, MAX_VALUE_LENGTH, MAX_DESCRIPTION_LENGTH = 60, 255, 65_000  # characters; the first two of an attribute


class AttributeName(Text):
    """The name of an attribute, such as colour, Color or Größe. It must not contain `=`, which search uses as the
    separator between a name and its value."""

    def __init__(self, **kwargs: Any) -> None:
        no_sign = validate.ContainsNoneOf("=", error="The name of an attribute must not contain =.")
        super().__init__(max_length=MAX_NAME_LENGTH, validate=[no_sign], **kwargs)
        self.described = {"pattern": pattern(False, INVISIBLE, NO_TEXT + TURNING + "=")}


NAME = AttributeName()


class Attributes(fields.Dict):
    """Names and values, such as {"Color": "blue"}; two names must not differ in case only."""

    def __init__(self, **kwargs: Any) -> None:
        maximum = validate.Length(max=MAX_ATTRIBUTES)
        super().__init__(keys=NAME, values=Text(max_length=MAX_VALUE_LENGTH), validate=maximum, **kwargs)
        self.described = {"propertyNames": {"minLength": 1, "maxLength": MAX_NAME_LENGTH, **NAME.described}}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if isinstance(value, dict) and len(value) > MAX_ATTRIBUTES:
            raise ValidationError(f"Longer than maximum length {MAX_ATTRIBUTES}.")
        attributes: dict[Any, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        if len({folded(name) for name in attributes}) < len(value):
            raise ValidationError("A name is given twice.")
        return attributes


class Weight(Integer):
    """The weight of one unit in grams, for the rates of shipping."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=MAX_WEIGHT, metadata={"description": "of one unit, in grams"}, **kwargs)


class Ships(Flag):
    """Whether a variant has to be sent; false for what is downloaded, such as a voucher."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"description": "false for what needs no shipping, such as a voucher"}, **kwargs)


class TaxCategory(Slug):
    """What a variant is taxed as. Orders has the categories; one that it does not know is taxed as standard."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"description": "a tax category; an unknown one is taxed as standard"}, **kwargs)


class NewVariant(Schema):
    """A new variant of a product; the name may be omitted if it is the only variant."""

    example: ClassVar = {"sku": "MUG-XL", "name": "large", "price": {"amount": 1690, "currency": "EUR"}}

    sku = Sku(required=True)
    name = Text(min_length=0, load_default="")
    price = fields.Nested(Money, required=True)
    attributes = Attributes(load_default=dict)
    on_sale = Flag(load_default=True)
    weight_g = Weight(load_default=0)
    ships = Ships(load_default=True)
    tax_category = TaxCategory(load_default="standard")
    external_reference = ExternalReference(load_default=None)
    metadata = Metadata(load_default=dict)


class ChangedVariant(Schema):
    """The fields of a variant to change."""

    example: ClassVar = {"price": {"amount": 1490, "currency": "EUR"}}

    name = Text(min_length=0)
    price = fields.Nested(Money)
    attributes = Attributes()
    on_sale = Flag()
    weight_g = Weight()
    ships = Ships()
    tax_category = TaxCategory()
    external_reference = ExternalReference()
    metadata = Metadata()


class NewMedia(Schema):
    """A link to an image. `alt` describes it to those who cannot see it; the size is in pixels."""

    url = fields.String(
        required=True,
        validate=[
            validate.Length(max=links.MAX_URL_LENGTH),
            validate.Regexp(links.URL, error=links.BAD_URL),
        ],
        metadata={"example": "https://images.example.com/mug.jpg"},
    )
    alt = Text(max_length=media.MAX_ALT_LENGTH, min_length=0, load_default="")
    width = Integer(minimum=1, maximum=media.MAX_PIXELS, load_default=None, allow_none=True)
    height = Integer(minimum=1, maximum=media.MAX_PIXELS, load_default=None, allow_none=True)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> media.Media:
        return media.Media(**values)


class MediaList(fields.List[media.Media]):
    """The media of a product; their order is the order in which they are shown."""

    def __init__(self, **kwargs: Any) -> None:
        about = {"description": "in the order in which they are shown; a change replaces all of them"}
        maximum = validate.Length(max=media.MAX_MEDIA)
        super().__init__(fields.Nested(NewMedia), validate=maximum, metadata=about, **kwargs)

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


class NewProduct(Schema):
    """A new product with its variants; an omitted slug is made of the name."""

    example: ClassVar = {
        "name": "Mug",
        "category": "kitchen",
        "attributes": {"Material": "stoneware"},
        "media": [{"url": "https://images.example.com/mug.jpg", "alt": "A blue mug", "width": 800, "height": 600}],
        "variants": [{"sku": "MUG", "price": {"amount": 1390, "currency": "EUR"}}],
    }

    name = Text(required=True)
    slug = Slug()
    description = Text(max_length=MAX_DESCRIPTION_LENGTH, min_length=0, lines=True, load_default="")
    category = Slug(load_default=None, allow_none=True)
    attributes = Attributes(load_default=dict)
    media = MediaList(load_default=tuple)
    on_sale = Flag(load_default=True)
    external_reference = ExternalReference(load_default=None)
    metadata = Metadata(load_default=dict)
    variants = fields.List(fields.Nested(NewVariant), load_default=list, validate=validate.Length(max=MAX_VARIANTS))


class ChangedProduct(Schema):
    """The fields of a product to change."""

    example: ClassVar = {"description": "Holds 300 ml."}

    name = Text()
    slug = Slug()
    description = Text(max_length=MAX_DESCRIPTION_LENGTH, min_length=0, lines=True)
    category = Slug(allow_none=True)
    attributes = Attributes()
    media = MediaList()
    on_sale = Flag()
    external_reference = ExternalReference()
    metadata = Metadata()


class NewCategory(Schema):
    """A new category; its slug can never be changed."""

    example: ClassVar = {"slug": "kitchen", "name": "Kitchen"}

    slug = Slug(required=True)
    name = Text(required=True)
    parent = Slug(load_default=None, allow_none=True)


class ChangedCategory(Schema):
    """The fields of a category to change; `parent` null moves it to the top level."""

    example: ClassVar = {"name": "Kitchen and table"}

    name = Text()
    parent = Slug(allow_none=True)


class NewStockMovement(Schema):
    """A change of stock: `received` for goods that arrived, `adjusted` for a corrected count, which may be negative."""

    example: ClassVar = {"kind": "received", "quantity": 200, "reason": "delivery 4711"}

    described: ClassVar = {
        "if": {"properties": {"kind": {"const": "received"}}, **OTHERS},
        "then": {"properties": {"quantity": {"minimum": 1}}, **OTHERS},
        "else": {"properties": {"quantity": {"not": {"const": 0}}}, **OTHERS},
    }

    kind = fields.String(required=True, validate=validate.OneOf(["received", "adjusted"]))
    quantity = Integer(required=True, minimum=-MAX_STOCK, maximum=MAX_STOCK)
    reason = Text(required=True, max_length=200)
