"""How a module stands with the bus: what waits in its database, since when, and whether anyone sends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.bus import outbox
from app.bus.tables import leases, parked


@dataclass(frozen=True, kw_only=True)
class BusStatus:
    to_send: int
    oldest: datetime | None  # of them
    relay: Row[Any, Any] | None  # owner and until, of whoever sends them
    parked: int
    parked_since: datetime | None

    @property
    def led(self) -> bool:
        """Whether anyone sends what is to be sent."""
        return self.relay is not None


def bus_status(connection: Connection, now: datetime) -> BusStatus:
    """Look at what a module keeps for the bus."""
    to_send, oldest = outbox.backlog(connection)
    lease = select(leases.c.owner, leases.c.until).where(leases.c.name == "relay", leases.c.until > now)
    waits = select(func.count(), func.min(parked.c.parked_at)).where(parked.c.discarded_at.is_(None))
    parked_count, parked_since = connection.execute(waits).one()
    return BusStatus(
        to_send=to_send,
        oldest=oldest,
        relay=connection.execute(lease).first(),
        parked=parked_count,
        parked_since=parked_since,
    )


def age(since: datetime | None, now: datetime) -> float:
    """Seconds; none where there is nothing."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def trouble(found: BusStatus, now: datetime) -> str | None:
    """A sentence where events do not move."""
    sentences = []
    if not found.led:
        waiting = f", and {found.to_send} wait" if found.to_send else ""
        sentences.append(f"nobody sends its events{waiting}")
    if found.parked:
        since = age(found.parked_since, now)
        sentences.append(f"{found.parked} parked, the first for {since:.0f} s: see `flask bus parked list`")
    return "; ".join(sentences) or None
