"""How payments end, by day: what the desk shows as a picture."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.modules.payments.domain.payment import Status


class Outcome(StrEnum):
    PAID = "paid"
    OPEN = "open"
    NOT_PAID = "not_paid"


OUTCOMES = {
    Status.CAPTURED: Outcome.PAID,
    Status.SHORT: Outcome.NOT_PAID,
    Status.CANCELLED: Outcome.NOT_PAID,
    Status.FAILED: Outcome.NOT_PAID,
}
"""The outcome of each final status; in any other, a payment is open."""


@dataclass(frozen=True, kw_only=True)
class DayOfPayments:
    """The payments that were begun on one day (UTC), by what has become of them."""

    day: date
    counts: dict[Outcome, int]
