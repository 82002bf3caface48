"""How a module's events fare, as a person asks for it; what is measured all the time is in measure.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.bus import outbox, stuck
from app.bus.event import TYPES
from app.bus.tables import leases, work

WORST = 10  # rows of work that are shown


@dataclass(frozen=True)
class Status:
    """What waits in a module's database. `relay`: owner and until, of whoever sends now."""

    waiting: int
    oldest: datetime | None
    relay: Row[Any, Any] | None
    parked: Row[Any]
    work: int
    first_due: datetime | None
    failing: Sequence[Row[Any]]


def look(connection: Connection, now: datetime) -> Status:
    """As it is now."""
    lease = select(leases.c.owner, leases.c.until).where(leases.c.name == "relay", leases.c.until > now)
    rows, first_due = connection.execute(select(func.count(), func.min(work.c.due_at)).select_from(work)).one()
    failing = select(work).where(work.c.error.is_not(None)).order_by(work.c.attempts.desc(), work.c.due_at).limit(WORST)
    return Status(
        *outbox.backlog(connection),
        connection.execute(lease).first(),
        stuck.summary(connection),
        rows,
        first_due,
        connection.execute(failing).all(),
    )


def said_by(module: str) -> list[str]:
    """The types that a module says."""
    return sorted(type for type, event in TYPES.items() if event.topic() == module)


def age(since: datetime | None, now: datetime) -> float | None:
    """Seconds, or None where there is nothing."""
    return max(0.0, (now - since).total_seconds()) if since else None
