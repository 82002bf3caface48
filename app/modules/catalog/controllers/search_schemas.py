"""The query parameters of searches."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from app.modules.catalog.controllers.schemas import MAX_VALUE_LENGTH, NAME
from app.modules.catalog.domain.search import Sort
from app.web.paging import PageArgs
from app.web.schemas import QueryInteger, Schema, Slug, Text
from app.web.texts import NO_TEXT, TURNING, pattern, without_turns

MAX_FACET_FILTERS = 10  # attributes and values of each, that may be asked for


class Words(Text):
    """Search words, which may be pasted text: invisible characters in them are accepted and ignored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(visible=False, **kwargs)
        self.described = {"pattern": pattern(False, self._lacking and self._lacking + TURNING, NO_TEXT)}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        pasted = without_turns(value) if isinstance(value, str) else value
        return super()._deserialize(pasted, attr, data, **kwargs)


class SuggestQuery(Schema):
    """What a customer has typed so far."""

    q = Words(required=True, max_length=200)
    limit = QueryInteger(minimum=1, maximum=10, load_default=5)


class ProductQuery(PageArgs):
    """Words, filters and sort order of a list of products.

    Filter by attributes with `attr.<name>=<value>`; a name given twice matches either value. Prices are in the
    currency's smallest unit. All filters must match the same variant: blue and size L finds products with a variant
    that is both. `in_stock=false` finds products of which no matching variant is in stock.
    """

    prefixes: ClassVar = {
        "attr.": {
            "maxProperties": MAX_FACET_FILTERS,
            "propertyNames": {"pattern": r"^attr\." + NAME.described["pattern"].removeprefix("^"), "maxLength": 65},
            "additionalProperties": {"type": "string", "maxLength": MAX_VALUE_LENGTH},
        }
    }

    q = Words(max_length=200, min_length=0, load_default="")
    category = Slug(load_default=None)
    price_min = QueryInteger(load_default=None)
    price_max = QueryInteger(load_default=None)
    in_stock = fields.Boolean(load_default=None, truthy={"true"}, falsy={"false"})
    sort = fields.Enum(Sort, by_value=fields.String, load_default=Sort.RELEVANCE)
    facets = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
