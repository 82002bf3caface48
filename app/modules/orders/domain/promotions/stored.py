"""What is stored about promotions, as a port: settings, coupons, counters, and what each order got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.modules.orders.domain.promotions.candidate import Candidate, Discount, Promotions
from app.modules.orders.domain.promotions.promotion import Promotion


class Redemption(StrEnum):
    """What became of the use that an order took."""

    TAKEN = "taken"
    SPENT = "spent"  # the order was paid: it stays used, unless USES_AFTER_REFUND says otherwise
    RETURNED = "returned"  # it can be used again


@dataclass(frozen=True, kw_only=True)
class Coupon:
    """A code of a promotion, as staff have written it. `use_limit` None: no limit, and then `used` is not counted."""

    code: str
    use_limit: int | None
    used: int
    active: bool
    orders: tuple[UUID, ...] = ()  # those that use it


@dataclass(frozen=True, kw_only=True)
class Miscount:
    """A counter that differs from the redemptions. `table`: promotions, coupons or uses; `customer_id`: of uses."""

    table: str
    key: str
    customer_id: UUID | None
    counter: int
    rows: int


class StoredPromotions(Protocol):
    """Promotions and what orders took of them. Counters change in a fixed order, so no two transactions deadlock."""

    def in_force(self, codes: Sequence[str], customer_id: UUID | None, now: datetime) -> Promotions:
        """The automatic promotions in force now, and those of these shown codes, in force or not."""

    def after(self, id: str, limit: int) -> Sequence[Promotion]:
        """The next promotions by id."""

    def get(self, id: str) -> Promotion:
        """Raises NotFound(no_such_promotion)."""

    def save(self, promotion: Promotion) -> Promotion:
        """Raises Stale, Conflict(promotion_exists, limit_below_used, too_many_promotions)."""

    def add_coupons(self, promotion_id: str, codes: Sequence[str], use_limit: int | None) -> None:
        """Add these shown codes. Raises Conflict(code_exists, too_many_coupons)."""

    def coupons(self, promotion_id: str, after: str, limit: int) -> Sequence[Coupon]:
        """The next coupons after this code, each with the orders that use it."""

    def coupon(self, promotion_id: str, code: str) -> Coupon:
        """The coupon with this shown code, with the orders that use it. Raises NotFound(no_such_coupon)."""

    def switch_coupon(self, promotion_id: str, code: str, active: bool) -> bool:
        """Set whether the coupon gives anything; False if there is nothing to change."""

    def take(self, order_id: UUID, customer_id: UUID, candidates: Sequence[Candidate]) -> Candidate | None:
        """Take one use of each. Returns the first that has none left; then the transaction has to be rolled back."""

    def release(self, order_id: UUID, state: Redemption = Redemption.TAKEN) -> Sequence[str]:
        """Return the uses of this order that are in this state, once. Returns the promotions."""

    def spend(self, order_id: UUID) -> None:
        """The order is paid: the uses that it took are spent."""

    def keep(self, order_id: UUID, discounts: Sequence[Discount]) -> None:
        """Store what a new order got."""

    def discounts(self, order_id: UUID) -> Sequence[Discount]: ...

    def unfollowed(self) -> Sequence[UUID]:
        """Orders that have ended or were paid, and whose uses are still taken: an older version has moved them."""

    def miscounts(self) -> Sequence[Miscount]: ...

    def correct(self, miscount: Miscount) -> None:
        """Set the counter to what the redemptions say, at most to its limit."""
