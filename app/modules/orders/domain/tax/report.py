"""What a shop owes in tax: by what was placed in a period, and by what was refunded in it."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import StringIO
from typing import Protocol
from uuid import UUID

from app.modules.orders.domain.tax.given_back import GivenBack, given_back
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.domain.tax.taxed import TaxLine


class Side(StrEnum):
    """Whether orders were placed, or money was given back."""

    PLACED = "placed"
    REFUNDED = "refunded"


@dataclass(frozen=True, order=True)
class Box:
    """What is summed up. Amounts of two currencies are never added."""

    side: Side
    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    currency: str


@dataclass(frozen=True)
class ReportRow:
    box: Box
    base: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class Refund:
    """A change of how far an order of this total is refunded, with its tax lines. A failed one goes back."""

    lines: Sequence[TaxLine]
    currency: str
    total: int
    before: GivenBack
    after: GivenBack


def refunded_rows(refunds: Iterable[Refund]) -> list[ReportRow]:
    """The refunds of a period, summed up."""
    sums: dict[Box, list[int]] = defaultdict(lambda: [0, 0])
    for refund in refunds:
        shares = given_back(refund.lines, refund.currency, refund.total, refund.before, refund.after)
        for line, share in zip(refund.lines, shares, strict=True):
            box = Box(Side.REFUNDED, line.jurisdiction, line.name, line.ppm, line.reason, refund.currency)
            sums[box][0] += share.base
            sums[box][1] += share.tax
    return [ReportRow(box, *amounts) for box, amounts in sorted(sums.items())]


COLUMNS = ("side", "jurisdiction", "name", "ppm", "reason", "currency", "base", "amount")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes a text that begins so


def report_as_csv(rows: Iterable[ReportRow]) -> str:
    """The report as a file for spreadsheets (RFC 4180). A text that would be a formula there gets a ' before it."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        box = row.box
        texts = [box.side, box.jurisdiction, box.name, box.reason, box.currency]
        side, jurisdiction, name, reason, currency = (
            f"'{each}" if each.startswith(FORMULA) else each for each in texts
        )
        writer.writerow((side, jurisdiction, name, box.ppm, reason, currency, row.base, row.amount))
    return text.getvalue()


class TaxReports(Protocol):
    """What was placed and refunded in a period. Orders that were cancelled before they were paid are left out."""

    def placed(self, since: datetime, until: datetime) -> list[ReportRow]: ...

    def refunds(self, since: datetime, until: datetime) -> Iterable[Refund]: ...

    def record(self, order_id: UUID, n: int, at: datetime, before: GivenBack, after: GivenBack) -> None:
        """Record a change of how far an order is refunded."""
