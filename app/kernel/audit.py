"""What a module can be audited for: what is compared, what differs, and how that is mended where it is safe."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AuditScope:
    """What is looked at: what is open, and what was begun since then. `wait`: seconds for what is under way."""

    since: datetime
    wait: float


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """Something is not as it should be. `subject`: the id of what it is about; none where that is no one thing."""

    subject: str | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One comparison that a module makes while the shop runs. What is in progress is no discrepancy.

    `compare` yields each discrepancy, and between them how many more rows it has compared. `fix` takes the
    discrepancies and the name of who asks, records each in the trail, and returns how many it
    corrects; the effect may come later.
    """

    name: str
    about: str
    count: Callable[[AuditScope], int]
    compare: Callable[[AuditScope], Iterator[int | Discrepancy]]
    fix: Callable[[Sequence[Discrepancy], str], int] | None = None
    advice: str  # what a person can do, besides --fix
