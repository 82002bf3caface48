"""The response bodies of promotions."""

from uuid import UUID

from msgspec import Struct

from app.kernel.money import Money
from app.modules.orders.controllers.carts.discount_views import Discount, discounts_view
from app.modules.orders.controllers.views import OrderTotals, totals_view
from app.modules.orders.domain.carts.quote import Quote
from app.modules.orders.domain.promotions import promotion, stored
from app.modules.orders.domain.promotions.candidate import Reason
from app.web.blueprint import Timestamp


class PromotionTarget(Struct, frozen=True):
    """Goods by SKU, by product id, or by a category or one above it. Without any of them: all goods."""

    skus: list[str]
    products: list[str]
    categories: list[str]


class Promotion(Struct, frozen=True):
    """A promotion. `used`: how many orders count against its `total_limit`; without a limit nothing is counted."""

    id: str
    name: str
    kind: promotion.Kind
    automatic: bool
    active: bool
    starts_at: Timestamp
    ends_at: Timestamp | None
    priority: int
    combines: promotion.Combines
    total_limit: int | None
    per_customer_limit: int | None
    used: int
    target: PromotionTarget
    ppm: int
    value: list[Money]
    buy: PromotionTarget
    buy_quantity: int
    get_quantity: int
    min_items: list[Money]
    max_discount: list[Money]
    min_quantity: int
    ship_to: list[str]
    first_order: bool
    version: int


class PromotionPage(Struct, frozen=True):
    """Promotions, by id."""

    items: list[Promotion]
    next: str | None


class Coupon(Struct, frozen=True):
    """A code. `used`: how many orders count against its `use_limit`. `orders`: those that use it, of one page at most
    1,000.
    """

    code: str
    use_limit: int | None
    used: int
    active: bool
    orders: list[UUID]


class CouponPage(Struct, frozen=True):
    """Codes of a promotion, sorted."""

    items: list[Coupon]
    next: str | None


class MadeCoupons(Struct, frozen=True):
    """How many codes were made; the list of coupons has them."""

    promotion: str
    count: int


class TriedPromotion(Struct, frozen=True):
    """What a promotion alone would give. `reason`: why it gives nothing; null: it gives something."""

    discounts: list[Discount]
    reason: Reason | None
    totals: OrderTotals


def promotion_view(found: promotion.Promotion) -> Promotion:
    rule = found.rule
    return Promotion(
        id=found.id,
        name=found.name,
        kind=found.kind,
        automatic=found.automatic,
        active=found.active,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        priority=found.priority,
        combines=found.combines,
        total_limit=found.total_limit,
        per_customer_limit=found.per_customer_limit,
        used=found.used,
        target=_target(rule.target),
        ppm=rule.ppm,
        value=_amounts(rule.value),
        buy=_target(rule.buy),
        buy_quantity=rule.buy_quantity,
        get_quantity=rule.get_quantity,
        min_items=_amounts(rule.min_items),
        max_discount=_amounts(rule.max_discount),
        min_quantity=rule.min_quantity,
        ship_to=list(rule.ship_to),
        first_order=rule.first_order,
        version=found.version,
    )


def coupon_view(found: stored.Coupon) -> Coupon:
    return Coupon(found.code, found.use_limit, found.used, found.active, list(found.orders))


def tried_view(quote: Quote) -> TriedPromotion:
    totals = quote.priced.totals
    discounts = discounts_view(quote.priced.discounts, totals.items.currency)
    (code,) = quote.priced.codes
    return TriedPromotion(discounts, code.reason, totals_view(totals))


def _target(target: promotion.Target) -> PromotionTarget:
    return PromotionTarget(sorted(target.skus), sorted(target.products), sorted(target.categories))


def _amounts(amounts: promotion.Amounts) -> list[Money]:
    return [Money(amount, currency) for currency, amount in sorted(amounts.items())]
