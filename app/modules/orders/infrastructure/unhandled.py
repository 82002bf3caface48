"""Events about orders that this module's bus could not handle."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, select

from app.bus import parking
from app.modules.orders.domain.life import Status
from app.modules.orders.infrastructure.tables import orders, timeline
from app.modules.orders.ports import UnhandledEvent

RETRY = "mend what the error says, then `flask bus parked retry orders/{id}`; or discard it, and nudge the order"
NUDGE = "nudge the order: the others say again where they stand with it"
THESE: BindParameter[Sequence[UUID]] = bindparam("these", expanding=True)
NUDGED = (
    select(timeline.c.order_id, func.max(timeline.c.at))
    .where(timeline.c.order_id.in_(THESE), timeline.c.module == "orders", timeline.c.what == "nudged")
    .group_by(timeline.c.order_id)
)
OFF = select(orders.c.id).where(orders.c.id.in_(THESE), orders.c.status.in_([Status.CANCELLED, Status.REFUNDED]))


class SqlUnhandled:
    """What is parked, and what a person gave up on, where its key is an order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about_orders(self, limit: int | None = None) -> Sequence[UnhandledEvent]:
        """The parked ones first; of those given up on, who did it and why, unless it has been mended since."""
        parked = list(islice(self._parked(), limit))
        given_up = islice(self._given_up(), None if limit is None else limit - len(parked))
        return [*parked, *given_up]

    def about(self, order_id: UUID) -> Sequence[UnhandledEvent]:
        """Of one order, whether it has been mended or not."""
        given_up = (_given_up(row) for row in _of_orders(parking.discarded(self._connection, "orders")))
        return [each for each in (*self._parked(), *given_up) if UUID(each.key) == order_id]

    def _parked(self) -> Iterable[UnhandledEvent]:
        return (
            UnhandledEvent(
                key=row.key,
                sentence=f"{row.type}, parked as orders/{row.id}: {row.error}",
                since=row.parked_at,
                advice=RETRY.format(id=row.id),
            )
            for row in _of_orders(parking.waiting(self._connection))
        )

    def _given_up(self) -> Iterable[UnhandledEvent]:
        rows = list(_of_orders(parking.discarded(self._connection, "orders")))
        keys = {"these": [UUID(row.key) for row in rows]}
        nudged: Mapping[UUID, datetime] = dict(self._connection.execute(NUDGED, keys).all())
        off = set(self._connection.execute(OFF, keys).scalars())
        return (
            _given_up(row)
            for row in rows
            if UUID(row.key) not in off and not (UUID(row.key) in nudged and nudged[UUID(row.key)] > row.discarded_at)
        )


def _given_up(row: Row[Any]) -> UnhandledEvent:
    return UnhandledEvent(
        key=row.key,
        sentence=f"{row.type}, given up on by {row.discarded_by}: {row.discard_reason}",
        since=row.discarded_at,
        advice=NUDGE,
    )


def _of_orders(rows: Iterable[Row[Any]]) -> Iterable[Row[Any]]:
    return (row for row in rows if row.topic in {"catalog", "payments"} and _is_an_order(row.key))


def _is_an_order(key: str) -> bool:
    """Prices and stock levels have a sku as their key, and users' events do not move an order."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
