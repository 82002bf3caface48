"""How a module stands with the bus: what waits in its database, since when, and whether anyone sends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.bus import outbox
from app.bus.tables import leases, parked, work

TROUBLED = 3  # tries that failed, after which a row of work is told of


@dataclass(frozen=True, kw_only=True)
class Standing:
    """At one moment."""

    to_send: int
    oldest: datetime | None  # of them
    relay: Row[Any, Any] | None  # owner and until, of whoever sends them
    parked: int
    parked_since: datetime | None
    work: int  # calls to third parties to be made
    work_due: datetime | None  # the first of them
    work_failing: int  # those that failed often

    @property
    def led(self) -> bool:
        """Whether anyone sends what is to be sent."""
        return self.relay is not None


def standing(connection: Connection, now: datetime) -> Standing:
    """Look at what a module keeps for the bus."""
    to_send, oldest = outbox.backlog(connection)
    lease = select(leases.c.owner, leases.c.until).where(leases.c.name == "relay", leases.c.until > now)
    waits = select(func.count(), func.min(parked.c.parked_at)).where(parked.c.discarded_at.is_(None))
    parked_count, parked_since = connection.execute(waits).one()
    rows, due = connection.execute(select(func.count(), func.min(work.c.due_at)).select_from(work)).one()
    failing = select(func.count()).select_from(work).where(work.c.attempts >= TROUBLED)
    return Standing(
        to_send=to_send,
        oldest=oldest,
        relay=connection.execute(lease).first(),
        parked=parked_count,
        parked_since=parked_since,
        work=rows,
        work_due=due,
        work_failing=connection.execute(failing).scalar_one(),
    )


def worst_work(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Calls to third parties that failed when they were last tried, the worst first."""
    failing = select(work).where(work.c.error.is_not(None)).order_by(work.c.attempts.desc(), work.c.due_at).limit(most)
    return connection.execute(failing).all()


def age(since: datetime | None, now: datetime) -> float:
    """Seconds; none where there is nothing."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def trouble(found: Standing, now: datetime) -> str | None:
    """A sentence where events do not move."""
    told = []
    if not found.led:
        waiting = f", and {found.to_send} wait" if found.to_send else ""
        told.append(f"nobody sends its events{waiting}")
    if found.parked:
        since = age(found.parked_since, now)
        told.append(f"{found.parked} parked, the first for {since:.0f} s: see `flask bus parked list`")
    return "; ".join(told) or None
