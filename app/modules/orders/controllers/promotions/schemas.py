"""The request bodies of promotions."""

from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load, validate

from app.kernel.countries import COUNTRIES
from app.kernel.money import MAX_AMOUNT
from app.modules.orders.controllers.schemas import GetQuote, OrderItem
from app.modules.orders.domain.promotions import promotion
from app.modules.orders.domain.promotions.codes import MAX_TYPED
from app.ops.bodies import OperationReason
from app.web.paging import PageArgs
from app.web.schemas import DateTimeField, Flag, Integer, Schema, Sku, Slug, Text

MAX_TARGETS, MAX_UNITS, MAX_PRIORITY, MAX_LIMIT = 500, 1000, 1000, 10**9
MAX_COUPONS_AT_ONCE = 10_000  # of a request; the command makes more


class PromotionAmount(Schema):
    """An amount above zero, in the smallest unit of its currency."""

    amount = Integer(minimum=1, maximum=MAX_AMOUNT, required=True, metadata={"example": 1000})
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}\Z"), metadata={"example": "EUR"})


class Amounts(fields.List[dict[str, Any]]):
    """One amount in each currency."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Nested(PromotionAmount), validate=validate.Length(max=50), **kwargs)

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        given: Any = super()._deserialize(*args, **kwargs)
        amounts = {each["currency"]: each["amount"] for each in given}
        if len(amounts) != len(given):
            raise ValidationError("Give one amount in each currency.")
        return amounts


class PromotionTarget(Schema):
    """Goods by SKU, by product id, or by a category or one above it. Without any of them: all goods."""

    example: ClassVar = {"categories": ["mugs"]}

    skus = fields.List(Sku(), load_default=list, validate=validate.Length(max=MAX_TARGETS))
    products = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=MAX_TARGETS))
    categories = fields.List(Slug(), load_default=list, validate=validate.Length(max=MAX_TARGETS))

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> promotion.Target:
        return promotion.Target(**{name: frozenset(map(str, given)) for name, given in values.items()})


class ChangedPromotion(OperationReason):
    """The fields of a promotion to change; `target`, `buy` and amounts replace all of them.

    Placed orders keep what they got. A limit can be raised or lowered, and neither added nor removed.
    """

    example: ClassVar = {"active": True, "reason": "it starts today"}

    name = Text()
    starts_at = DateTimeField(metadata={"example": "2026-12-01T00:00:00Z"})
    ends_at = DateTimeField(allow_none=True, metadata={"example": "2026-12-27T00:00:00Z"})
    priority = Integer(maximum=MAX_PRIORITY)
    combines = fields.Enum(promotion.Combines, by_value=fields.String)
    active = Flag()
    total_limit = Integer(minimum=1, maximum=MAX_LIMIT, allow_none=True)
    per_customer_limit = Integer(minimum=1, maximum=MAX_LIMIT, allow_none=True)
    target = fields.Nested(PromotionTarget)
    ppm = Integer(maximum=promotion.WHOLE)
    value = Amounts()
    buy = fields.Nested(PromotionTarget)
    buy_quantity = Integer(maximum=MAX_UNITS)
    get_quantity = Integer(maximum=MAX_UNITS)
    min_items = Amounts()
    max_discount = Amounts()
    min_quantity = Integer(maximum=MAX_UNITS)
    ship_to = fields.List(
        fields.String(validate=validate.OneOf(sorted(COUNTRIES))), validate=validate.Length(max=len(COUNTRIES))
    )
    first_order = Flag()


class NewPromotion(ChangedPromotion):
    """A new promotion; its id, its kind, and whether it is automatic can never be changed. Amounts are in the smallest
    unit, percentages in parts per million: 250000 is 25 %.

    `value`: what fixed_each takes off each unit, and fixed_once off all goods together. buy_get: whoever buys
    `buy_quantity` units of `buy` gets `get_quantity` units of `target` for less, the cheapest ones. `min_items`: of all
    goods before discounts; `min_quantity`: of the units of `target`.
    """

    example: ClassVar = {
        "id": "summer-mugs",
        "name": "A quarter off mugs",
        "kind": "percent",
        "ppm": 250000,
        "target": {"categories": ["mugs"]},
        "starts_at": "2026-12-01T00:00:00Z",
        "total_limit": 500,
        "active": True,
        "reason": "the season is over",
    }

    id = Slug(required=True)
    name = Text(required=True)
    kind = fields.Enum(promotion.Kind, by_value=fields.String, required=True)
    automatic = Flag(load_default=False)
    starts_at = DateTimeField(required=True, metadata={"example": "2026-12-01T00:00:00Z"})


class NewCoupons(OperationReason):
    """Either the `count` of codes to make, or `codes` of your own. `use_limit`: how many orders may use each; null: any
    number.
    """

    example: ClassVar = {"codes": ["SUMMER26"], "use_limit": 1000, "reason": "for the posters"}

    count = Integer(minimum=1, maximum=MAX_COUPONS_AT_ONCE, load_default=None)
    codes = fields.List(
        fields.String(validate=validate.Length(1, MAX_TYPED), metadata={"example": "SUMMER26"}),
        load_default=None,
        validate=validate.Length(1, MAX_COUPONS_AT_ONCE),
    )
    use_limit = Integer(minimum=1, maximum=MAX_LIMIT, load_default=None, allow_none=True)

    @post_load
    def _one_of_both(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        if (values["count"] is None) == (values["codes"] is None):
            raise ValidationError("Give either count or codes.", "count")
        return values


class ChangedCoupon(OperationReason):
    """Whether the code gives anything: false switches it off, true on again. Placed orders keep what they got."""

    example: ClassVar = {"active": False, "reason": "it was published by mistake"}

    active = Flag(required=True)


class ListPromotions(PageArgs):
    """A page of promotions, by id."""


class ListCoupons(PageArgs):
    """A page of codes, sorted."""


class TryPromotion(GetQuote):
    """The items to try it on, where they are to be shipped, and when; without `at`, now."""

    example: ClassVar = {"items": [{"sku": "MUG", "quantity": 2}], "country": "DE", "at": "2026-12-24T12:00:00Z"}

    class Meta(GetQuote.Meta):
        exclude = ("codes",)

    items = fields.List(fields.Nested(OrderItem), required=True, validate=validate.Length(1, 100))
    at = DateTimeField(load_default=None, metadata={"example": "2026-12-24T12:00:00Z"})
