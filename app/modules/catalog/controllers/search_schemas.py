"""What is looked for, as query parameters."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import QueryInteger, Schema, Slug, Text
from app.web.texts import without_turns


class Words(Text):
    """What is looked for, such as it was pasted: what cannot be seen in it does no harm and finds nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        pasted = without_turns(value) if isinstance(value, str) else value
        return super()._deserialize(pasted, attr, data, **kwargs)


class SuggestQuery(Schema):
    """What someone has typed so far."""

    q = Words(required=True, max_length=200, visible=False)
    limit = QueryInteger(minimum=1, maximum=10, load_default=5)


class ProductQuery(PageArgs):
    """What is looked for. Attributes are asked for as `attr.<name>=<value>`; a name given twice means either value.

    Prices are in the currency's smallest unit. All attributes, the price and the stock are those of one variant: blue
    and size l finds what is both at once. `in_stock=false` finds what has nothing left of the variants asked for.
    """

    prefixes = ("attr.",)

    q = Words(max_length=200, min_length=0, visible=False, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
