"""Sell the stock that is held for an order."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockSold
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class SellStock:
    """Turn the holds of an order into a sale. Calling it again for a sold order has no effect."""

    uow: UnitOfWork

    def execute(self, order_id: UUID) -> None:
        reservation = self.uow.reservations.of(order_id)
        if reservation.status is ReservationStatus.SOLD:
            return  # an order that was restored from a backup is confirmed a second time
        reservation.become(ReservationStatus.SOLD)
        self.uow.reservations.save(reservation)
        self.uow.stock.sell(order_id)
        self.uow.publish(StockSold(order_id=str(order_id), version=reservation.version))
