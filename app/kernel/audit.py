"""What a module can be audited for: what is compared, what differs, and how that is mended where it is safe."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked at: what is open, and what was begun since then. `wait`: seconds for what is under way."""

    since: datetime
    wait: float


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something is not as it should be. `subject`: the id of what it is about; none where that is no one thing."""

    subject: str | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """One thing that a module can make sure of, while the shop runs: what is under way is no finding.

    `compare` yields what it finds, and between that how many more it has compared. `fix` is handed the findings and
    who asks; it writes that down with each, and returns how many it has seen to: their effect may come a little later.
    """

    name: str
    about: str
    count: Callable[[Asked], int]
    compare: Callable[[Asked], Iterator[int | Finding]]
    fix: Callable[[Sequence[Finding], str], int] | None = None
    advice: str  # what a person can do, besides --fix
