"""What promotions take off, in the responses of cart, quote and order."""

from collections.abc import Iterable

from msgspec import Struct

from app.kernel.money import Money
from app.modules.orders.domain.promotions import candidate


class DiscountShare(Struct, frozen=True):
    """What one line gets of a discount. `sku` null: it is taken off the shipping."""

    sku: str | None
    amount: Money


class Discount(Struct, frozen=True):
    """What a promotion takes off, and how that is shared. `code`: of the coupon, if it needs one."""

    promotion: str
    name: str
    code: str | None
    amount: Money
    shares: list[DiscountShare]


class OrderDiscounts(Struct, frozen=True):
    """All discounts of an order, in one page. They never change."""

    items: list[Discount]
    next: None = None


class GivenCode(Struct, frozen=True):
    """A code that was given. `reason`: why it gives nothing; null: it gives something."""

    code: str
    reason: candidate.Reason | None


def discounts_view(found: Iterable[candidate.Discount], currency: str) -> list[Discount]:
    by: dict[str, list[candidate.Discount]] = {}
    for each in found:
        by.setdefault(each.promotion_id, []).append(each)
    return [
        Discount(
            promotion=rows[0].promotion_id,
            name=rows[0].name,
            code=rows[0].code,
            amount=Money(sum(row.amount for row in rows), currency),
            shares=[DiscountShare(_sku(row), Money(row.amount, currency)) for row in rows],
        )
        for rows in by.values()
    ]


def codes_view(found: Iterable[candidate.GivenCode]) -> list[GivenCode]:
    return [GivenCode(each.code, each.reason) for each in found]


def _sku(row: candidate.Discount) -> str | None:
    kind, _, sku = row.target.partition(":")
    return sku if kind == "line" else None
