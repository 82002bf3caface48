"""The query for the stock counters, together with the same numbers computed from the ledger and the holds."""

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, case, func, select

from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.infrastructure.stock.dispatches import UNSHIPPED_BY_ORDERS
from app.modules.catalog.infrastructure.tables import holds, movements, reservations, stock

ON_HAND = {"received": 1, "adjusted": 1, "returned": 1, "sold": -1}
HELD = {"held": 1, "released": -1, "sold": -1}
UNSHIPPED = {"sold": 1, "returned": -1, "dispatched": -1}


def _by_ledger(signs: dict[str, int]) -> ScalarSelect[int]:
    signed: ColumnElement[int] = case(signs, value=movements.c.kind, else_=0) * movements.c.quantity
    total = select(func.coalesce(func.sum(signed), 0)).where(movements.c.sku == stock.c.sku)
    return total.scalar_subquery()


BY_HOLDS = (
    select(func.coalesce(func.sum(holds.c.quantity), 0))
    .join(reservations, reservations.c.order_id == holds.c.order_id)
    .where(holds.c.sku == stock.c.sku, reservations.c.status == ReservationStatus.HELD)
    .scalar_subquery()
)
STOCK_COUNTS = (
    select(stock.c.sku, stock.c.on_hand, stock.c.held, _by_ledger(ON_HAND), _by_ledger(HELD), BY_HOLDS)
    .add_columns(_by_ledger(UNSHIPPED), UNSHIPPED_BY_ORDERS)
    .where(stock.c.sku > bindparam("after"))
    .order_by(stock.c.sku)
    .limit(bindparam("limit"))
)
