"""What catalog takes and gives as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import Integer, Money, QueryInteger, Schema, Sku, Slug, Text

MOST_VARIANTS, MOST_ATTRIBUTES, MOST_STOCK = 100, 30, 1_000_000


class Flag(fields.Boolean):
    """true or false, and nothing that resembles them: to Python 1 is True."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Not a valid boolean.")
        return value


def attributes(**options: object) -> fields.Dict:
    """Names and values, such as {"colour": "blue"}."""
    name = fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,39}\Z", error="Like: colour, gift_wrap."))
    most = validate.Length(max=MOST_ATTRIBUTES)
    return fields.Dict(keys=name, values=Text(longest=100), validate=most, **options)  # type: ignore[arg-type]


class NewVariant(Schema):
    """A form that a product is sold in; the name may be left out where there is only one."""

    sku = Sku(required=True)
    name = Text(shortest=0, load_default="")
    price = fields.Nested(Money, required=True)
    attributes = attributes(load_default=dict)
    on_sale = Flag(load_default=True)


class ChangedVariant(Schema):
    """What is to be different about a variant."""

    name = Text(shortest=0)
    price = fields.Nested(Money)
    attributes = attributes()
    on_sale = Flag()


class Variant(Schema):
    """A variant, with how many can be had."""

    sku = Sku()
    name = fields.String()
    price = fields.Nested(Money)
    attributes = attributes()
    on_sale = fields.Boolean()
    available = fields.Integer()
    version = fields.Integer()


class NewProduct(Schema):
    """A product, with its variants; the slug is made of the name where it is left out."""

    name = Text(required=True)
    slug = Slug()
    description = Text(longest=10_000, shortest=0, lines=True, load_default="")
    category = Slug(load_default=None, allow_none=True)
    attributes = attributes(load_default=dict)
    on_sale = Flag(load_default=True)
    variants = fields.List(fields.Nested(NewVariant), load_default=list, validate=validate.Length(max=MOST_VARIANTS))


class ChangedProduct(Schema):
    """What is to be different about a product."""

    name = Text()
    slug = Slug()
    description = Text(longest=10_000, shortest=0, lines=True)
    category = Slug(allow_none=True)
    attributes = attributes()
    on_sale = Flag()


class Product(Schema):
    """A product, whole."""

    id = fields.UUID()
    slug = fields.String()
    name = fields.String()
    description = fields.String()
    category = fields.String(allow_none=True)
    attributes = attributes()
    on_sale = fields.Boolean()
    created_at = fields.DateTime()
    version = fields.Integer()
    variants = fields.List(fields.Nested(Variant))


class Highlight(Schema):
    """Safe HTML: the name, and a part of the description, with <em> around what was found."""

    name = fields.String()
    description = fields.String()


class Listed(Schema):
    """A product in a list, at its lowest price; `highlight` where words were looked for."""

    id = fields.UUID()
    slug = fields.String()
    name = fields.String()
    category = fields.String(allow_none=True)
    price = fields.Nested(Money)
    in_stock = fields.Boolean()
    highlight = fields.Nested(Highlight)


class ProductList(Schema):
    """One page of products; `facets` where they were asked for.

    `degraded` where the index cannot be asked: found by parts of words in the database, without facets.
    """

    items = fields.List(fields.Nested(Listed))
    next = fields.String(allow_none=True)
    facets = fields.Dict()
    degraded = fields.Boolean()


class Suggestion(Schema):
    """A product that may be meant."""

    slug = fields.String()
    name = fields.String()


class Suggestions(Schema):
    """The best first."""

    items = fields.List(fields.Nested(Suggestion))


class SuggestQuery(Schema):
    """What someone has typed so far."""

    q = Text(required=True, longest=200)
    limit = QueryInteger(least=1, most=10, load_default=5)


class ProductQuery(PageArgs):
    """What is looked for. Attributes are asked for as `attr.<name>=<value>`; a name given twice means either value.

    Prices are in the currency's smallest unit and compared with a product's lowest.
    """

    q = Text(longest=200, shortest=0, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})


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
