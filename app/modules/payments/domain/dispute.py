"""A dispute: the cardholder asks the bank for the money back, and the bank takes it from us until it has decided."""

from dataclasses import dataclass
from datetime import datetime

OURS = frozenset({"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"})
OPEN = frozenset({"needs_response", "warning_needs_response"})


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """One dispute, its status and reason in Stripe's words.

    https://docs.stripe.com/api/disputes/object: a `warning_…` is an inquiry, for which no money is taken.
    """

    id: str
    status: str
    reason: str
    amount: int
    respond_by: datetime | None = None

    @property
    def taken(self) -> int:
        """What the bank has of our money for it now."""
        return 0 if self.status in OURS else self.amount
