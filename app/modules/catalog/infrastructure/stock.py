"""The stock counters: conditional updates, so that nothing is sold twice; and the ledger beside them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, Update, bindparam, insert, select, update

from app.kernel import clock
from app.modules.catalog.domain.stock import Short
from app.modules.catalog.infrastructure.tables import holds, movements, stock

SKU: BindParameter[str] = bindparam("the_sku")
QUANTITY: BindParameter[int] = bindparam("quantity")
NEXT_VERSION = stock.c.version + 1
HOLD = (
    update(stock)
    .where(stock.c.sku == SKU, stock.c.on_hand - stock.c.held >= QUANTITY)
    .values(held=stock.c.held + QUANTITY, version=NEXT_VERSION)
)
FREE = update(stock).where(stock.c.sku == SKU).values(held=stock.c.held - QUANTITY, version=NEXT_VERSION)
SELL = (
    update(stock)
    .where(stock.c.sku == SKU)
    .values(held=stock.c.held - QUANTITY, on_hand=stock.c.on_hand - QUANTITY, version=NEXT_VERSION)
)
ADD = update(stock).where(stock.c.sku == SKU).values(on_hand=stock.c.on_hand + QUANTITY, version=NEXT_VERSION)
HELD = select(holds.c.sku, holds.c.quantity).where(holds.c.order_id == bindparam("order_id")).order_by(holds.c.sku)


class SqlStock:
    """Stock per sku. Rows are touched in the order of their sku, so that two orders never wait for each other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def receive(self, sku: str, quantity: int, who: str, why: str) -> None:
        """Goods came in."""
        if self._change(ADD, sku, quantity) == 0:
            self._connection.execute(insert(stock), {"sku": sku, "on_hand": quantity, "held": 0, "version": 1})
        self._note([self._movement(sku, "received", quantity, None, who, why)])

    def hold(self, order_id: UUID, quantities: Mapping[str, int]) -> list[Short]:
        """Hold all of it; or nothing, and say what is short."""
        wanted = sorted(quantities.items())
        with self._connection.begin_nested() as together:
            taken = [self._change(HOLD, sku, quantity) for sku, quantity in wanted]
            if not all(taken):
                together.rollback()
        if not all(taken):
            return self._short(quantities)
        rows = [{"order_id": order_id, "sku": sku, "quantity": quantity} for sku, quantity in wanted]
        self._connection.execute(insert(holds), rows)
        self._note([self._movement(sku, "held", quantity, order_id, "orders", "placed") for sku, quantity in wanted])
        return []

    def sell(self, order_id: UUID) -> None:
        """What is held leaves."""
        self._move(order_id, SELL, "sold", "confirmed")

    def release(self, order_id: UUID) -> None:
        """What is held is free again."""
        self._move(order_id, FREE, "released", "cancelled")

    def take_back(self, order_id: UUID) -> None:
        """What was sold is back."""
        self._move(order_id, ADD, "returned", "undone")

    def _move(self, order_id: UUID, change: Update, kind: str, why: str) -> None:
        rows = self._connection.execute(HELD, {"order_id": order_id}).all()
        for row in rows:
            self._change(change, row.sku, row.quantity)
        self._note([self._movement(row.sku, kind, row.quantity, order_id, "orders", why) for row in rows])

    def _change(self, change: Update, sku: str, quantity: int) -> int:
        return self._connection.execute(change, {"the_sku": sku, "quantity": quantity}).rowcount

    def _short(self, quantities: Mapping[str, int]) -> list[Short]:
        free = select(stock.c.sku, stock.c.on_hand - stock.c.held).where(stock.c.sku.in_(quantities))
        available: dict[str, int] = {row[0]: row[1] for row in self._connection.execute(free)}
        return [
            Short(sku, wanted, available.get(sku, 0))
            for sku, wanted in sorted(quantities.items())
            if available.get(sku, 0) < wanted
        ]

    def _note(self, rows: list[dict[str, Any]]) -> None:
        self._connection.execute(insert(movements), rows)

    def _movement(
        self, sku: str, kind: str, quantity: int, order_id: UUID | None, who: str, why: str
    ) -> dict[str, Any]:
        about = {"sku": sku, "kind": kind, "quantity": quantity, "order_id": order_id}
        return {**about, "who": who, "why": why, "at": clock.now()}
