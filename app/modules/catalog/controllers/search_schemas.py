"""What is looked for, and what is found, as JSON."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import Money, QueryInteger, Schema, Slug, Text
from app.web.texts import without_turns


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

    A category counts all below it. `degraded` where the index cannot be asked: found in the database by the same words,
    without facets.
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


class Words(Text):
    """What is looked for, such as it was pasted: what cannot be seen in it does no harm and finds nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        pasted = without_turns(value) if isinstance(value, str) else value
        return super()._deserialize(pasted, attr, data, **kwargs)


class SuggestQuery(Schema):
    """What someone has typed so far."""

    q = Words(required=True, longest=200, visible=False)
    limit = QueryInteger(least=1, most=10, load_default=5)


class ProductQuery(PageArgs):
    """What is looked for. Attributes are asked for as `attr.<name>=<value>`; a name given twice means either value.

    Prices are in the currency's smallest unit. All attributes, the price and the stock are those of one variant: blue
    and size l finds what is both at once. `in_stock=false` finds what has nothing left of the variants asked for.
    """

    prefixes = ("attr.",)

    q = Words(longest=200, shortest=0, visible=False, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
