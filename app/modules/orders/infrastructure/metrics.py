"""What orders counts: of what it says, and of what lies in its tables."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Connection, func, select

from app.bus.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PaymentRequested,
)
from app.bus.event import Event
from app.kernel import clock
from app.kernel.ids import made_at
from app.modules.orders.domain.order import OPEN
from app.modules.orders.infrastructure.tables import NOT_GIVEN_BACK, carts, orders

STATUS: dict[type[Event], str] = {
    OrderPlaced: "placed",
    PaymentRequested: "awaiting_payment",
    OrderConfirmed: "confirmed",
    OrderPaid: "paid",
    OrderCancelled: "cancelled",
    OrderRefunded: "refunded",
}
LATEST: Final = "livemostrecent"  # of all processes that measure it
CAME_TO = Counter("quartet_orders_total", "Orders, by the status they came to and why", ["status", "reason"])
PAID_AFTER = Histogram(
    "quartet_order_paid_seconds",
    "Time from an order's being placed to its being paid",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800, 7200),
)
NOW = Gauge("quartet_orders_open", "Orders that have not ended, by status", ["status"], multiprocess_mode=LATEST)
STUCK = Gauge("quartet_orders_stuck", "Open orders past their deadline", ["status"], multiprocess_mode=LATEST)
NOT_BACK = Gauge(
    "quartet_orders_refund_failed",
    "Orders of which a refund failed that nobody has written off",
    multiprocess_mode=LATEST,
)
CARTS = Gauge("quartet_carts", "Carts, by whether an open order locks them", ["locked"], multiprocess_mode=LATEST)


def count(events: Iterable[Event]) -> None:
    """Once the transaction that said them has committed."""
    for event in events:
        if status := STATUS.get(type(event)):
            CAME_TO.labels(status, getattr(event, "reason", "")).inc()
        if isinstance(event, OrderPaid):
            PAID_AFTER.observe((clock.now() - made_at(UUID(event.order_id))).total_seconds())


def measure_orders(connection: Connection, now: datetime) -> None:
    """How many orders are open, and how many of them are late."""
    open_orders = select(orders.c.status, func.count()).where(orders.c.status.in_(sorted(OPEN))).group_by("status")
    late = open_orders.where(orders.c.deadline < now)
    for gauge, asked in ((NOW, open_orders), (STUCK, late)):
        found: dict[str, int] = dict(connection.execute(asked).all())
        for status in OPEN:
            gauge.labels(status).set(found.get(status, 0))
    NOT_BACK.set(connection.execute(select(func.count()).select_from(orders).where(NOT_GIVEN_BACK)).scalar_one())


def measure_carts(connection: Connection) -> None:
    """How many carts there are."""
    count = select(func.count(), func.count(carts.c.order_id))
    total, locked = connection.execute(count).one()
    CARTS.labels("yes").set(locked)
    CARTS.labels("no").set(total - locked)
