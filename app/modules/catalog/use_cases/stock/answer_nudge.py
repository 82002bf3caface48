"""Bring the stock of a nudged order into line with the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import Shortage, StockRejected, StockReleased, StockReserved, StockReturned, StockSold
from app.bus.event import Event
from app.modules.catalog.domain.stock import Reservation, ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.stock.give_stock_back import GiveStockBack
from app.modules.catalog.use_cases.stock.hold_stock import HoldStock
from app.modules.catalog.use_cases.stock.sell_stock import SellStock

SOLD = frozenset({"confirmed", "paid"})  # statuses of an order whose stock must be sold
OFF = frozenset({"cancelled", "refunded"})  # statuses of an order whose stock must be released or returned


@dataclass(frozen=True)
class AnswerNudge:
    """Do what the order's status requires of its stock; if nothing is missing, publish the earlier events again.

    Stock that was released or returned is never held again, and a rejected reservation stays rejected: only the orders
    module decides what happens to such an order.
    """

    uow: UnitOfWork

    def execute(self, order_id: UUID, status: str, quantities: Mapping[str, int]) -> None:
        reservation = self.uow.reservations.find(order_id)
        known = reservation.version if reservation else 0
        if reservation is None:
            if status in OFF:
                return
            reservation = HoldStock(self.uow).execute(order_id, quantities)
        if status in OFF:
            GiveStockBack(self.uow).execute(order_id)
        elif status in SOLD and reservation.status is ReservationStatus.HELD:
            SellStock(self.uow).execute(order_id)
        now = self.uow.reservations.of(order_id)
        if now.version == known:
            self.uow.republish(*self._events(now, quantities))

    def _events(self, reservation: Reservation, quantities: Mapping[str, int]) -> list[Event]:
        order_id, version = str(reservation.order_id), reservation.version
        match reservation.status:
            case ReservationStatus.HELD:
                return [StockReserved(order_id=order_id, version=version)]
            case ReservationStatus.SOLD:
                return [StockReserved(order_id=order_id, version=1), StockSold(order_id=order_id, version=version)]
            case ReservationStatus.REJECTED:  # with what is short now: what was short at that time is not stored
                now = self.uow.stock.short_of(quantities)
                short = [Shortage(sku=each.sku, wanted=each.wanted, available=each.available) for each in now]
                return [StockRejected(order_id=order_id, short=short, version=version)]
            case ReservationStatus.RELEASED:
                return [StockReleased(order_id=order_id, version=version)]
            case ReservationStatus.RETURNED:
                return [StockReturned(order_id=order_id, version=version)]
