"""The query parameters of searches."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import QueryInteger, Schema, Slug, Text
from app.web.texts import without_turns


class Words(Text):
    """Search words, which may be pasted text: invisible characters in them are accepted and ignored."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        pasted = without_turns(value) if isinstance(value, str) else value
        return super()._deserialize(pasted, attr, data, **kwargs)


class SuggestQuery(Schema):
    """What a customer has typed so far."""

    q = Words(required=True, max_length=200, visible=False)
    limit = QueryInteger(minimum=1, maximum=10, load_default=5)


class ProductQuery(PageArgs):
    """Words, filters and sort order of a list of products.

    Filter by attributes with `attr.<name>=<value>`; a name given twice matches either value. Prices are in the
    currency's smallest unit. All filters must match the same variant: blue and size L finds products with a variant
    that is both. `in_stock=false` finds products of which no matching variant is in stock.
    """

    prefixes = ("attr.",)

    q = Words(max_length=200, min_length=0, visible=False, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
