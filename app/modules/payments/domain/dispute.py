"""A dispute: the cardholder reclaims the money through the bank, and the bank takes it from us until it has decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

OURS = frozenset({"won", "prevented", "warning_needs_response", "warning_under_review", "warning_closed"})
OPEN = frozenset({"needs_response", "warning_needs_response"})


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """One dispute; status and reason are Stripe's values. `respond_by`: None if no reply is awaited.

    A status `warning_…` is an inquiry, for which no money is taken: https://docs.stripe.com/api/disputes/object
    """

    id: str
    status: str
    reason: str
    amount: int
    respond_by: datetime | None = None

    @property
    def taken(self) -> int:
        """The amount that the bank currently has taken from us for this dispute."""
        return 0 if self.status in OURS else self.amount


def first_to_answer(disputes: Sequence[Dispute]) -> Dispute | None:
    """Return the one to which a reply is due first; if none is due, the latest. Stripe lists the newest first."""
    due = [each for each in disputes if each.respond_by]
    return min(due, key=_deadline) if due else next(iter(disputes), None)


def _deadline(dispute: Dispute) -> datetime:
    assert dispute.respond_by
    return dispute.respond_by
