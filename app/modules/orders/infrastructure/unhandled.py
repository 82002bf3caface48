"""Events about orders that this module could not consume: parked, or discarded by a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, select

from app.bus import parking
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.infrastructure.tables import orders, timeline
from app.modules.orders.ports import UnhandledEvent

RETRY = (
    "fix the cause of the error, then `flask bus parked retry orders/{id}`; or discard the event and nudge the order"
)
NUDGE = "nudge the order: catalog and payments then report its stock and payment again"
ORDER_IDS: BindParameter[Sequence[UUID]] = bindparam("order_ids", expanding=True)
NUDGED = (
    select(timeline.c.order_id, func.max(timeline.c.at))
    .where(timeline.c.order_id.in_(ORDER_IDS), timeline.c.module == "orders", timeline.c.what == "nudged")
    .group_by(timeline.c.order_id)
)
ENDED = select(orders.c.id).where(orders.c.id.in_(ORDER_IDS), orders.c.status.in_([Status.CANCELLED, Status.REFUNDED]))


class SqlUnhandled:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about_orders(self, limit: int | None = None) -> Sequence[UnhandledEvent]:
        parked = list(islice(self._parked(), limit))
        discarded = islice(self._discarded(), None if limit is None else limit - len(parked))
        return [*parked, *discarded]

    def about(self, order_id: UUID) -> Sequence[UnhandledEvent]:
        discarded = (_discarded(row) for row in _of_orders(parking.discarded(self._connection, "orders")))
        return [each for each in (*self._parked(), *discarded) if UUID(each.key) == order_id]

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

    def _discarded(self) -> Iterable[UnhandledEvent]:
        rows = list(_of_orders(parking.discarded(self._connection, "orders")))
        keys = {"order_ids": [UUID(row.key) for row in rows]}
        nudged: Mapping[UUID, datetime] = dict(self._connection.execute(NUDGED, keys).all())
        ended = set(self._connection.execute(ENDED, keys).scalars())
        return (
            _discarded(row)
            for row in rows
            if UUID(row.key) not in ended and not (UUID(row.key) in nudged and nudged[UUID(row.key)] > row.discarded_at)
        )


def _discarded(row: Row[Any]) -> UnhandledEvent:
    return UnhandledEvent(
        key=row.key,
        sentence=f"{row.type}, discarded by {row.discarded_by}: {row.discard_reason}",
        since=row.discarded_at,
        advice=NUDGE,
    )


def _of_orders(rows: Iterable[Row[Any]]) -> Iterable[Row[Any]]:
    """Those whose key is an order. Events of users have UUIDs as keys too, but never move an order."""
    return (row for row in rows if row.topic in {"catalog", "payments"} and _is_an_order(row.key))


def _is_an_order(key: str) -> bool:
    """Offers and stock levels have a SKU as their key."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
