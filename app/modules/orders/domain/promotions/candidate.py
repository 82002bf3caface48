"""What may be taken off a basket: the promotions in force and those of the codes, and why one does not apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from app.modules.orders.domain.promotions.promotion import Goods, Promotion


class Reason(StrEnum):
    """Why a code gives nothing."""

    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    OVER = "over"
    USED_UP = "used_up"
    YOURS_USED_UP = "yours_used_up"
    TOO_LITTLE = "too_little"  # too few goods, or for too little money
    WRONG_GOODS = "wrong_goods"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_COUNTRY = "wrong_country"
    ADDRESS_NEEDED = "address_needed"  # it is for some countries, and none is given yet
    NOT_FIRST_ORDER = "not_first_order"
    NOT_WITH_OTHERS = "not_with_others"
    NOTHING_LEFT = "nothing_left"  # others have taken off everything, or no shipping is paid yet


USED = {Reason.USED_UP, Reason.YOURS_USED_UP}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A promotion that a basket may get: automatically, or by this code. `refused`: what its counters say against it.

    `shown`: the code as staff have written it. `use_limit`: of the code.
    """

    promotion: Promotion
    code: str | None = None
    shown: str | None = None
    use_limit: int | None = None
    refused: Reason | None = None


class Discount(NamedTuple):
    """What a promotion takes off one line (`line:SKU`) or the shipping, as it is stored with the order.

    `base`: the amount that it was taken from.
    """

    promotion_id: str
    name: str
    code: str | None
    target: str
    amount: int
    base: int


@dataclass(frozen=True, kw_only=True)
class GivenCode:
    """A code that the customer has given. `reason`: why it gives nothing; None: it gives something."""

    code: str
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class Promotions:
    """All that a basket may get at this time. `unknown`: codes that do not exist. `ship_to`: the country, if known."""

    at: datetime | None = None
    candidates: tuple[Candidate, ...] = ()
    unknown: tuple[str, ...] = ()
    ship_to: str = ""


NO_PROMOTIONS = Promotions()


def why_not(candidate: Candidate, promotions: Promotions, goods: Sequence[Goods], currency: str) -> Reason | None:
    """Why a promotion is not for this basket; None: it is."""
    promotion, rule, at = candidate.promotion, candidate.promotion.rule, promotions.at
    assert at is not None
    if not promotion.active or (promotion.ends_at is not None and promotion.ends_at <= at):
        return Reason.OVER
    if at < promotion.starts_at:
        return Reason.NOT_YET
    if candidate.refused:
        return candidate.refused
    if rule.currencies and currency not in rule.currencies:
        return Reason.WRONG_CURRENCY
    units = [each.quantity for each, is_for in zip(goods, rule.target.among(goods), strict=True) if is_for]
    if not units:
        return Reason.WRONG_GOODS
    if rule.min_quantity and sum(units) < rule.min_quantity:
        return Reason.TOO_LITTLE
    if rule.min_items and sum(each.unit_price * each.quantity for each in goods) < rule.min_items[currency]:
        return Reason.TOO_LITTLE
    if rule.ship_to and promotions.ship_to not in rule.ship_to:
        return Reason.WRONG_COUNTRY if promotions.ship_to else Reason.ADDRESS_NEEDED
    return None
