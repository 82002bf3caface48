"""A promotion: what it takes off, of which goods, under which conditions, when, and how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from app.kernel.errors import Conflict, Invalid
from app.kernel.money import CHARGES, Money

WHOLE = 1_000_000  # parts per million
MAX_AUTOMATIC = 100  # active ones: each is tried on each basket
MAX_COUPONS = 100_000  # of one promotion


class Kind(StrEnum):
    PERCENT = "percent"  # of the goods
    FIXED_EACH = "fixed_each"  # an amount of each unit
    FIXED_ONCE = "fixed_once"  # an amount of all goods together
    BUY_GET = "buy_get"  # buy some units, get others for less
    FREE_SHIPPING = "free_shipping"
    PERCENT_SHIPPING = "percent_shipping"


class Level(StrEnum):
    """The levels are computed in this order, each of what the one before has left."""

    LINE = "line"
    ORDER = "order"
    SHIPPING = "shipping"


class Combines(StrEnum):
    """`stack`: together with the others of its level that stack. `alone`: with no other of its level."""

    STACK = "stack"
    ALONE = "alone"


class Goods(NamedTuple):
    """One line of a basket before discounts; `category`: the slugs from the top category down, joined by slashes."""

    sku: str
    product_id: str
    category: str
    unit_price: int
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Target:
    """Goods by SKU, by product, or by a category or one above it; none of them: all goods."""

    skus: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    @cached_property
    def is_all(self) -> bool:
        return not (self.skus or self.products or self.categories)

    def among(self, goods: Sequence[Goods]) -> list[bool]:
        """Whether each of these is one of them."""
        if self.is_all:
            return [True] * len(goods)
        return [
            each.sku in self.skus
            or each.product_id in self.products
            or (bool(self.categories) and not self.categories.isdisjoint(each.category.split("/")))
            for each in goods
        ]


ALL = Target()
Amounts = Mapping[str, int]  # by currency, in its smallest unit


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a promotion gives, and under which conditions. What is empty or zero is no condition.

    With amounts it is only for baskets in their currencies. `min_items`: of the price of all goods before discounts.
    `min_quantity`: of the units that it is for. `max_discount`: what it gives at most in one order.
    """

    target: Target = ALL
    ppm: int = 0  # parts per million off
    value: Amounts = field(default_factory=dict)
    buy: Target = ALL
    buy_quantity: int = 0
    get_quantity: int = 0
    min_items: Amounts = field(default_factory=dict)
    max_discount: Amounts = field(default_factory=dict)
    min_quantity: int = 0
    ship_to: tuple[str, ...] = ()  # countries
    first_order: bool = False

    @property
    def currencies(self) -> frozenset[str]:
        return frozenset((*self.value, *self.min_items, *self.max_discount))


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """`automatic`: no code is needed. `used`: how many orders count against `total_limit`. `version` 0: not saved yet.

    A customer's first order is limited to one by `per_customer_limit`, so that two orders at once are not both it.
    """

    id: str
    name: str
    kind: Kind
    rule: Rule
    starts_at: datetime
    ends_at: datetime | None = None
    priority: int = 0
    combines: Combines = Combines.STACK
    automatic: bool = False
    total_limit: int | None = None
    per_customer_limit: int | None = None
    used: int = 0
    active: bool = False
    version: int = 0

    def is_in_force(self, now: datetime) -> bool:
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at)

    @cached_property
    def level(self) -> Level:
        """A percentage of all goods, or an amount off all of them, is taken off their sum."""
        if self.kind in {Kind.FREE_SHIPPING, Kind.PERCENT_SHIPPING}:
            return Level.SHIPPING
        is_of_sum = self.kind is Kind.FIXED_ONCE or (self.kind is Kind.PERCENT and self.rule.target.is_all)
        return Level.ORDER if is_of_sum else Level.LINE


def refuse_bad_promotion(promotion: Promotion) -> None:
    """Raises Invalid(bad_promotion), Conflict(amount_missing)."""
    rule, kind = promotion.rule, promotion.kind
    if promotion.ends_at is not None and promotion.ends_at <= promotion.starts_at:
        raise _bad("it must end after it starts")
    takes_a_part = kind in {Kind.PERCENT, Kind.PERCENT_SHIPPING, Kind.BUY_GET}
    if takes_a_part != (rule.ppm > 0):
        raise _bad(f"percent, percent_shipping and buy_get need ppm above zero, and others have none; this is {kind}")
    if (kind in {Kind.FIXED_EACH, Kind.FIXED_ONCE}) != bool(rule.value):
        raise _bad(f"fixed_each and fixed_once need a value in each currency, and others have none; this is {kind}")
    pairs = kind is Kind.BUY_GET
    if (pairs and not (rule.buy_quantity and rule.get_quantity)) or (
        not pairs and (rule.buy_quantity or rule.get_quantity or not rule.buy.is_all)
    ):
        raise _bad("buy_get, and no other kind, needs buy_quantity and get_quantity of 1 or more")
    if rule.first_order and promotion.per_customer_limit != 1:
        raise _bad("a promotion of first orders needs a per_customer_limit of 1")
    for amounts in (rule.value, rule.min_items, rule.max_discount):
        _refuse_bad_amounts(amounts, rule.currencies)


def _refuse_bad_amounts(amounts: Amounts, currencies: frozenset[str]) -> None:
    for currency, amount in sorted(amounts.items()):
        charge = CHARGES.get(currency)
        if charge is None:
            raise _bad(f"{currency} cannot be charged: choose another currency")
        if amount % charge.step:
            raise _bad(f"{Money(amount, currency)} can never be charged: use a multiple of {charge.step}")
    if amounts and (missing := sorted(currencies - amounts.keys())):
        sentence = f"give value, min_items and max_discount the same currencies: {', '.join(missing)} is missing"
        raise Conflict("amount_missing", sentence, {"currencies": missing})


def _bad(sentence: str) -> Invalid:
    return Invalid("bad_promotion", sentence)
