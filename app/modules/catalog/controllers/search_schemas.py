"""What is looked for, and what is found, as JSON."""

from marshmallow import fields

from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import Money, QueryInteger, Schema, Slug, Text


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

    prefixes = ("attr.",)

    q = Text(longest=200, shortest=0, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
