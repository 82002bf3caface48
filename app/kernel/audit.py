"""Audits of a module: what is compared, the discrepancies, and how they are corrected where that is safe."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AuditScope:
    """What an audit compares: everything open, and everything begun since `since`.

    `wait`: seconds to wait for changes in progress.
    """

    since: datetime
    wait: float


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """A difference that an audit found. `subject`: the id of what differs; none if it is not about one thing."""

    subject: str | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One comparison that a module makes while the shop runs. A change in progress is no discrepancy.

    `compare` yields each discrepancy, and between them the number of rows compared since the last yield. `fix` takes
    the discrepancies and the name of the operator, records each in the trail, and returns how many it corrects; the
    correction may take effect later.
    """

    name: str
    about: str
    count: Callable[[AuditScope], int]
    compare: Callable[[AuditScope], Iterator[int | Discrepancy]]
    fix: Callable[[Sequence[Discrepancy], str], int] | None = None
    advice: str  # what an operator can do, besides --fix
