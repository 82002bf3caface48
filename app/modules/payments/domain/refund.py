"""A refund: so much of a payment that goes back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.kernel.money import Money

BY_ORDERS = "orders"  # who asks where an order that was paid is off
AT_STRIPE = "stripe"  # made there, by a person in the dashboard


class RefundStatus(StrEnum):
    """Where a refund stands."""

    NEW = "new"  # its amount is claimed; Stripe has not answered yet
    PENDING = "pending"  # Stripe has it; the bank takes its time
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Refund:
    """So much that goes back, by whose wish and why. `version` 0 is not saved yet."""

    id: UUID
    payment_id: UUID
    amount: Money
    reason: str
    asked_by: str
    created_at: datetime
    status: RefundStatus = RefundStatus.NEW
    asked_at: datetime | None = None  # making it was begun: Stripe may know of it, whatever we know
    stripe_id: str | None = None
    failure: str | None = None
    attempt: int = 0  # part of its key at Stripe: another one is another call
    unclear_at: datetime | None = None  # Stripe answered with an error of its own, and it may be made all the same
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What Stripe says of a refund; `refund_id` is ours, where it was made here. `id` none: it was refused."""

    id: str | None
    status: RefundStatus
    amount: int = 0
    refund_id: str | None = None
    failure: str | None = None


UNDER_WAY = frozenset({RefundStatus.NEW, RefundStatus.PENDING})


def given_back(outcomes: Iterable[Outcome]) -> int:
    """Their sum, as Stripe counts it: with those that are pending, without those that failed."""
    return sum(each.amount for each in outcomes if each.status is not RefundStatus.FAILED)


def refund_state(refunds: Sequence[Refund], owed: int) -> str:
    """How the refunds of a payment stand, in a word: none, pending, failed or done.

    `owed` is what still has to go back as its order is off; where the order is on, the last refund counts.
    """
    if any(refund.status in UNDER_WAY for refund in refunds):
        return "pending"
    if not refunds:
        return "none"
    failed = [refund for refund in refunds if refund.status is RefundStatus.FAILED]
    last = max(refunds, key=lambda each: each.id.int)
    return "failed" if failed and (owed > 0 or last in failed) else "done"
