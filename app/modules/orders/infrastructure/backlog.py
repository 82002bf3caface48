"""The current backlog of orders, measured at most ten times a second in each process."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.bus.contracts.orders import OrderCancelled, PaymentRequested
from app.bus.tables import outbox
from app.kernel import clock
from app.kernel.compiled import execute
from app.kernel.database import Database
from app.kernel.ids import first_id
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.backlog import Backlog
from app.modules.orders.infrastructure.tables import orders

INTERVAL = 0.1  # seconds between two measurements
RECENT, RATED = timedelta(seconds=10), timedelta(seconds=1)
MIN_SPAN = 0.2  # seconds; a rate over less says little
WAITING = (
    select(func.count().label("waiting"))
    .select_from(orders)
    .where(orders.c.status == Status.PLACED, orders.c.id > bindparam("after"))
)
LATEST = (
    select(outbox.c.type, outbox.c.body, outbox.c.created_at).order_by(outbox.c.position.desc()).limit(300).subquery()
)
FOLLOWS_PLACED = or_(*(LATEST.c.type == each.event_type() for each in (PaymentRequested, OrderCancelled)))
MOVED_ON = select(LATEST).where(FOLLOWS_PLACED, LATEST.c.created_at > bindparam("after"))


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
        waiting = execute(connection, WAITING, {"after": first_id(now - RECENT)}).one().waiting
        latest = execute(connection, MOVED_ON, {"after": now - RATED})
    moved_on = [event.created_at for event in latest if _answers(event)]
    if not moved_on:
        return Backlog(waiting, 0)
    return Backlog(waiting, len(moved_on) / max(MIN_SPAN, (now - min(moved_on)).total_seconds()))


def _answers(event: Any) -> bool:
    """Whether catalog has answered. An order is also cancelled by its customer, or at its deadline, while catalog is
    down.
    """
    if event.type == PaymentRequested.event_type():
        return True
    return OrderCancelled.from_json(event.body).reason == "out_of_stock"
