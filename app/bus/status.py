"""The state of a module's bus tables: what waits there, since when, and whether a relay sends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.bus import outbox
from app.bus.tables import leases, parked


@dataclass(frozen=True, kw_only=True)
class BusStatus:
    to_send: int
    oldest: datetime | None  # publication of the oldest event to send
    relay: Row[Any, Any] | None  # owner and until of the relay's lease
    parked: int
    parked_since: datetime | None

    @property
    def led(self) -> bool:
        """Whether some process holds the lease of the relay."""
        return self.relay is not None


def bus_status(connection: Connection, now: datetime) -> BusStatus:
    """Read the state of a module's bus tables."""
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
    """Seconds since a time; 0 without one."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def trouble(status: BusStatus, now: datetime) -> str | None:
    """A sentence about why events wait in this module; None if none does."""
    sentences = []
    if not status.led:
        waiting = f", and {status.to_send} wait" if status.to_send else ""
        sentences.append(f"no relay sends its events{waiting}")
    if status.parked:
        since = age(status.parked_since, now)
        sentences.append(f"{status.parked} parked, the first for {since:.0f} s: see `flask bus parked list`")
    return "; ".join(sentences) or None
