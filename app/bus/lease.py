"""A lease: a row with the process that does a task now, and until when. A process that freezes loses it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, update

from app.bus.tables import leases
from app.kernel.inserts import insert_if_absent


def take(connection: Connection, name: str, owner: str, now: datetime, length: timedelta) -> bool:
    """Take the lease, or renew it; False while another owner holds it."""
    if insert_if_absent(connection, leases, {"name": name, "owner": owner, "until": now + length}):
        return True
    ours_or_over = (leases.c.name == name) & ((leases.c.owner == owner) | (leases.c.until < now))
    return connection.execute(update(leases).where(ours_or_over).values(owner=owner, until=now + length)).rowcount == 1


def give_up(connection: Connection, name: str, owner: str) -> None:
    """Give the lease up, so that another process can take it at once."""
    connection.execute(delete(leases).where((leases.c.name == name) & (leases.c.owner == owner)))
