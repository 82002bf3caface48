"""A refund: a part of a payment that is paid back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.kernel.money import Money

BY_ORDERS = "orders"  # the requester of a refund for an order that was cancelled after its payment
FOR_UNITS = "orders: units"  # the requester of a refund of units; orders knows of which, and who wanted it
AT_STRIPE = "stripe"  # the requester of a refund made by a person in Stripe's dashboard


class RefundStatus(StrEnum):
    NEW = "new"  # its amount is reserved; Stripe has not answered yet
    PENDING = "pending"  # Stripe has accepted it; the bank has not confirmed it yet
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Refund:
    """A refund with its amount, its requester and the reason. `version` is 0 until it is saved."""

    id: UUID
    payment_id: UUID
    amount: Money
    reason: str
    requested_by: str
    created_at: datetime
    status: RefundStatus = RefundStatus.NEW
    requested_at: datetime | None = (
        None  # when the call to Stripe was begun: it may exist there even if none is recorded here
    )
    stripe_id: str | None = None
    failure: str | None = None
    attempt: int = 0  # part of its idempotency key: another number makes it a new call
    unclear_at: datetime | None = None  # when Stripe answered with a server error: it may have been made
    failed_at: datetime | None = None  # when that was learned; also None for one that failed before this was recorded
    version: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether nobody ever tried to make it, since less than that could still be refunded."""
        return self.status is RefundStatus.FAILED and self.requested_at is None and self.stripe_id is None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A refund as Stripe shows it. `refund_id` is the id of ours if it was requested here. `id` is None if Stripe
    refused it.
    """

    id: str | None
    status: RefundStatus
    amount: int = 0
    refund_id: str | None = None
    failure: str | None = None


IN_PROGRESS = frozenset({RefundStatus.NEW, RefundStatus.PENDING})


def total_refunded(outcomes: Iterable[Outcome]) -> int:
    """Sum up the refunds as Stripe counts them: pending ones included, failed ones not."""
    return sum(each.amount for each in outcomes if each.status is not RefundStatus.FAILED)


def with_outcome(refund: Refund, status: RefundStatus, failure: str | None, now: datetime) -> Refund:
    """Return the refund with this status, which Stripe has reported now."""
    is_failed = status is RefundStatus.FAILED
    return replace(
        refund,
        status=status,
        failure=failure,
        failed_at=(refund.failed_at if refund.status is status else now) if is_failed else None,
    )


def refund_state(refunds: Sequence[Refund], owed: int) -> str:
    """Return the state of a payment's refunds as one word: none, pending, failed or done.

    `owed` is what still has to be refunded because the order is cancelled. If nothing is owed, a failed refund counts
    until as much has been refunded after it failed. Refused ones do not count: no money was on its way.
    """
    refunds = [refund for refund in refunds if not refund.is_refused]
    if any(refund.status in IN_PROGRESS for refund in refunds):
        return "pending"
    if not refunds:
        return "none"
    is_failed = any(refund.status is RefundStatus.FAILED for refund in refunds)
    return "failed" if is_failed and (owed > 0 or _not_made_good(refunds) > 0) else "done"


def _not_made_good(refunds: Iterable[Refund]) -> int:
    """Return how much failed and was not requested again afterwards."""
    changes = [(refund.created_at, False, refund.amount.amount) for refund in refunds]
    changes += [
        (refund.failed_at or refund.created_at, True, refund.amount.amount)
        for refund in refunds
        if refund.status is RefundStatus.FAILED
    ]
    left = 0
    for _, is_failure, amount in sorted(changes):
        left = left + amount if is_failure else max(0, left - amount)
    return left
