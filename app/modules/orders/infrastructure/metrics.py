"""The metrics of orders: counted from the events it publishes, and measured from its tables."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import Connection, case, func, select

from app.bus.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PaymentRequested,
    ShipmentChanged,
)
from app.bus.event import Event
from app.kernel import clock
from app.kernel.ids import made_at
from app.modules.orders.domain.orders.order import OPEN
from app.modules.orders.infrastructure.tables import HELD, WITH_FAILED_REFUND, carts, orders
from app.modules.orders.infrastructure.tax.tables import TO_TELL, tax_records

STATUS: dict[type[Event], str] = {
    OrderPlaced: "placed",
    PaymentRequested: "awaiting_payment",
    OrderConfirmed: "confirmed",
    OrderPaid: "paid",
    OrderCancelled: "cancelled",
    OrderRefunded: "refunded",
}
LATEST: Final = "livemostrecent"  # several processes measure it: the most recent value counts
REACHED = Counter("quartet_orders_total", "Orders that reached a status, by status and reason", ["status", "reason"])
SHIPMENTS = Counter("quartet_shipments_total", "Shipments that reached a status", ["status"])
DOCUMENTS = Counter("quartet_documents_total", "Invoices and credit notes that were issued", ["kind"])
TAX_RECORDED = Counter("quartet_tax_recorded_total", "Sales and reversals told to the provider of tax", ["kind"])
TAX_ASKED = Counter(
    "quartet_tax_questions_total", "Questions to the provider of tax, by what came of them", ["outcome"]
)
TAX_WAITING = Gauge(
    "quartet_tax_unrecorded",
    "Sales and reversals that the provider of tax has not been told yet",
    multiprocess_mode=LATEST,
)
PAID_AFTER = Histogram(
    "quartet_order_paid_seconds",
    "Time from the placing of an order until it was paid",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800, 7200),
)
OPEN_ORDERS = Gauge("quartet_orders_open", "Open orders, by status", ["status"], multiprocess_mode=LATEST)
STUCK = Gauge("quartet_orders_stuck", "Open orders past their deadline", ["status"], multiprocess_mode=LATEST)
ON_HOLD = Gauge(
    "quartet_orders_on_hold",
    "Confirmed orders whose money the bank holds until they are dispatched: with time left, or ending within 48 hours",
    ["hold"],
    multiprocess_mode=LATEST,
)
REFUNDS_FAILED = Gauge(
    "quartet_orders_refund_failed",
    "Orders with a failed refund that nobody has written off",
    multiprocess_mode=LATEST,
)
CARTS = Gauge("quartet_carts", "Carts, by whether an open order locks them", ["locked"], multiprocess_mode=LATEST)


def count(events: Iterable[Event]) -> None:
    """Count these events. Called after the transaction that published them has committed."""
    for event in events:
        if status := STATUS.get(type(event)):
            REACHED.labels(status, getattr(event, "reason", "")).inc()
        if isinstance(event, ShipmentChanged):
            SHIPMENTS.labels(event.status).inc()
        if isinstance(event, OrderPaid):
            PAID_AFTER.observe((clock.now() - made_at(UUID(event.order_id))).total_seconds())


def measure_orders(connection: Connection, now: datetime) -> None:
    """Set the gauges of open orders, of those past their deadline, of those on hold, and of failed refunds."""
    open_orders = select(orders.c.status, func.count()).where(orders.c.status.in_(sorted(OPEN))).group_by("status")
    late = open_orders.where(orders.c.deadline < now, ~HELD)
    for gauge, query in ((OPEN_ORDERS, open_orders), (STUCK, late)):
        counts: dict[str, int] = dict(connection.execute(query).all())
        for status in OPEN:
            gauge.labels(status).set(counts.get(status, 0))
    ending = select(func.count(), func.count(case((orders.c.deadline < now, 1)))).where(HELD)
    held, end_soon = connection.execute(ending).one()
    ON_HOLD.labels("lasts").set(held - end_soon)
    ON_HOLD.labels("ends").set(end_soon)
    failed = select(func.count()).select_from(orders).where(WITH_FAILED_REFUND)
    REFUNDS_FAILED.set(connection.execute(failed).scalar_one())
    TAX_WAITING.set(connection.execute(select(func.count()).select_from(tax_records).where(TO_TELL)).scalar_one())


def measure_carts(connection: Connection) -> None:
    """Set the gauges of locked and unlocked carts. It scans the whole table."""
    count = select(func.count(), func.count(carts.c.order_id))
    total, locked = connection.execute(count).one()
    CARTS.labels("yes").set(locked)
    CARTS.labels("no").set(total - locked)
