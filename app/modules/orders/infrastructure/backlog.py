"""The current backlog of orders, measured at most ten times a second in each process."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from sqlalchemy import bindparam, func, select

from app.bus.contracts.orders import OrderCancelled, PaymentRequested
from app.bus.tables import outbox
from app.kernel import clock
from app.kernel.database import Database
from app.kernel.ids import first_id
from app.modules.orders.domain.backlog import Backlog
from app.modules.orders.domain.state_machine import Status
from app.modules.orders.infrastructure.tables import orders

INTERVAL = 0.1  # seconds between two measurements
RECENT, RATED = timedelta(seconds=10), timedelta(seconds=1)
MIN_SPAN = 0.2  # seconds; a rate over less says little
MOVED_ON = [PaymentRequested.event_type(), OrderCancelled.event_type()]  # what follows OrderPlaced, one or the other
WAITING = (
    select(func.count()).select_from(orders).where(orders.c.status == Status.PLACED, orders.c.id > bindparam("after"))
)
PUBLISHED = select(outbox.c.type, outbox.c.created_at).order_by(outbox.c.position.desc()).limit(300)


def backlog_of(database: Database) -> Callable[[], Backlog]:
    """A function that returns the backlog in this database; during a measurement, the one before."""
    measuring, latest, at = Lock(), Backlog(0, 0), -INTERVAL

    def current() -> Backlog:
        nonlocal latest, at
        if time.monotonic() - at >= INTERVAL and measuring.acquire(blocking=False):
            try:
                latest, at = _measured(database), time.monotonic()
            finally:
                measuring.release()
        return latest

    return current


def _measured(database: Database) -> Backlog:
    now = clock.now()
    with database.read() as connection:
        waiting = connection.execute(WAITING, {"after": first_id(now - RECENT)}).scalar_one()
        published = connection.execute(PUBLISHED).all()
    moved_on = [row.created_at for row in published if row.type in MOVED_ON and now - row.created_at < RATED]
    if not moved_on:
        return Backlog(waiting, 0)
    return Backlog(waiting, len(moved_on) / max(MIN_SPAN, (now - min(moved_on)).total_seconds()))
