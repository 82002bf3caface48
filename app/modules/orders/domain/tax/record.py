"""What the provider of tax has to be told: that an order was paid, and each refund of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.modules.orders.domain.tax.given_back import NOTHING, GivenBack, given_back
from app.modules.orders.domain.tax.question import Part, Recorded
from app.modules.orders.domain.tax.taxed import TaxLine


@dataclass(frozen=True, kw_only=True)
class TaxRecord:
    """One thing to tell. `n` 0: the order is paid, with the `calculation` of its quote; else a refund, by the version
    of the order that it changed, from `before` to `after` of its total. `recorded` None: not told yet. `attempt`: part
    of the key, as the provider keeps a failure for it.
    """

    order_id: UUID
    n: int = 0
    calculation: str = ""
    before: GivenBack = NOTHING
    after: GivenBack = NOTHING
    requested_at: datetime | None = None  # None: the order is not paid yet
    attempt: int = 0
    recorded: Recorded | None = field(default=None, repr=False)

    @property
    def reference(self) -> str:
        """Unique among all that the provider is told."""
        return f"{self.order_id}-{self.n}" if self.n else str(self.order_id)

    @property
    def key(self) -> str:
        """The key that lets the provider record it once."""
        key = f"tax:{self.order_id}:{self.n}" if self.n else f"tax:{self.order_id}"
        return f"{key}-{self.attempt}" if self.attempt else key


class TaxRecords(Protocol):
    """What was told, and what has to be."""

    def add(self, record: TaxRecord) -> None: ...

    def of(self, order_id: UUID) -> Sequence[TaxRecord]:
        """By `n`."""

    def request(self, order_id: UUID, now: datetime) -> bool:
        """The order is paid. Returns whether there is something to tell that was not requested before."""

    def save(self, record: TaxRecord, recorded: Recorded, now: datetime) -> bool:
        """Returns False if it was saved before."""

    def try_anew(self, record: TaxRecord) -> None:
        """Count up the attempt, so that the next call has another key; once for each attempt."""

    def record_later(self, order_id: UUID) -> None:
        """Tell the provider, by a job."""

    def waiting(self, requested_before: datetime, limit: int) -> Sequence[TaxRecord]:
        """Those that were requested before then and are not told yet, the oldest first."""

    def over_reversed(self, limit: int) -> Sequence[tuple[UUID, int, int]]:
        """Orders of which more was reversed than is refunded, since a refund has failed later: both amounts."""

    def not_reversed(self, since: datetime, limit: int) -> Sequence[UUID]:
        """Orders with a refund of since then that could not be told, as what the provider calls their payment is not
        known.
        """


def parts_to_reverse(lines: Sequence[TaxLine], currency: str, total: int, record: TaxRecord) -> list[Part]:
    """The part of each target that a refund gives back; targets of which nothing is, left out."""
    taxes: dict[str, int] = defaultdict(int)
    amounts: dict[str, int] = defaultdict(int)
    shares = given_back(lines, currency, total, record.before, record.after, exact=False)
    for line, share in zip(lines, shares, strict=True):
        taxes[line.target] += share.tax
        amounts[line.target] += share.base * share.is_first
        if line.included:
            amounts[line.target] += share.tax
    parts = [Part(target=target, amount=amounts[target], tax=taxes[target]) for target in sorted(amounts)]
    return [part for part in parts if part.amount or part.tax]
