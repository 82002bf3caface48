"""A refund: so much of a payment that goes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.kernel.money import Money

BY_ORDERS = "orders"  # who asks where an order that was paid is off


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
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What Stripe says of a refund."""

    id: str | None
    status: RefundStatus
    failure: str | None = None
