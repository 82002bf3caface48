"""Events about orders that this module's bus could not handle."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Row

from app.bus import parking
from app.modules.orders.ports import Unheard


class SqlUnheard:
    """What is parked, and what a person gave up on, where its key is an order."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about_orders(self) -> Sequence[Unheard]:
        """The parked ones first; of those given up on, who did it and why."""
        parked = [
            Unheard(key=row.key, sentence=f"{row.type}, parked as orders/{row.id}: {row.error}", since=row.parked_at)
            for row in parking.waiting(self._connection)
            if _is_about_an_order(row)
        ]
        given_up = [
            Unheard(
                key=row.key,
                sentence=f"{row.type}, given up on by {row.discarded_by}: {row.discard_reason}",
                since=row.discarded_at,
            )
            for row in parking.discarded(self._connection, "orders")
            if _is_about_an_order(row)
        ]
        return parked + given_up


def _is_about_an_order(row: Row[tuple[object, ...]]) -> bool:
    """Prices and stock levels have a sku as their key, and users' events do not move an order."""
    try:
        UUID(row.key)
    except ValueError:
        return False
    return row.topic in {"catalog", "payments"}
