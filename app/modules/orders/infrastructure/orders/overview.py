"""The numbers on the home of the desk, by queries that use an index."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select, true

from app.kernel.cached import Cached
from app.kernel.database import Database
from app.kernel.ids import first_id
from app.kernel.money import Money
from app.modules.orders.domain.orders.order import UNDONE, Fulfilment
from app.modules.orders.domain.orders.overview import MAX_COUNT, Overview, Placed, Waiting
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.capture import Capture
from app.modules.orders.infrastructure.tables import WITH_FAILED_REFUND, orders

LIVE = orders.c.status.not_in(UNDONE)


EARLIER = 300.0  # seconds that the orders of earlier days may be old: they change only by cancellations


def overview_of(database: Database) -> Callable[[datetime, datetime], Overview]:
    """A function that returns the overview: the orders since a time, by hour, and what waits at `now`."""
    earlier = Cached[list[Placed]](EARLIER)

    def current(since: datetime, now: datetime) -> Overview:
        today = max(since, now.replace(hour=0, minute=0, second=0, microsecond=0))
        with database.read() as connection:
            before = earlier.get((since, today), lambda: _hours(connection, since, today))
            hours = [*before, *_hours(connection, today, None)]
            return Overview(hours=hours, waiting=_waiting(connection, now))

    return current


def _hours(connection: Connection, since: datetime, until: datetime | None) -> list[Placed]:
    hour: ColumnElement[str]
    if connection.dialect.name == "sqlite":
        hour = func.strftime("%Y-%m-%dT%H", orders.c.placed_at)
    else:
        hour = func.to_char(func.timezone("UTC", orders.c.placed_at), 'YYYY-MM-DD"T"HH24')
    query = (
        select(
            hour.label("hour"),
            orders.c.currency,
            func.count().label("orders"),
            func.coalesce(func.sum(case((LIVE, orders.c.total), else_=0)), 0).label("total"),
            func.sum(case((LIVE, 0), else_=1)).label("cancelled"),
        )
        .where(orders.c.id >= first_id(since))  # ids are in the order of time
        .where(orders.c.id < first_id(until) if until else true())
        .group_by(hour, orders.c.currency)
        .order_by(hour)
    )
    return [_placed(row) for row in connection.execute(query)]


def _placed(row: Any) -> Placed:
    hour = datetime.strptime(row.hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    return Placed(hour=hour, orders=row.orders, total=Money(int(row.total), row.currency), cancelled=int(row.cancelled))


def _waiting(connection: Connection, now: datetime) -> Waiting:
    def count(*conditions: ColumnElement[bool]) -> int:
        some = select(orders.c.id).where(*conditions).limit(MAX_COUNT).subquery()
        return connection.execute(select(func.count()).select_from(some)).scalar_one()

    on_hold = (orders.c.status == Status.CONFIRMED) & (orders.c.capture != Capture.NOW)
    paid = (orders.c.status == Status.PAID) | on_hold
    return Waiting(
        to_pack=count(orders.c.fulfilment == Fulfilment.NONE, paid),
        partly_dispatched=count(orders.c.fulfilment == Fulfilment.PART, paid),
        awaiting_payment=count(orders.c.status == Status.AWAITING_PAYMENT),
        overdue=count(orders.c.deadline < now),
        failed_refunds=count(WITH_FAILED_REFUND),
    )
