"""Sell what is held for an order."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockSold
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class SellStock:
    """Turn an order's hold into a sale: the goods are no longer ours. Twice is once."""

    uow: UnitOfWork

    def execute(self, order_id: UUID) -> None:
        reservation = self.uow.reservations.of(order_id)
        if reservation.status is ReservationStatus.SOLD:
            return  # an order that was restored from a backup comes this way twice
        reservation.become(ReservationStatus.SOLD)
        self.uow.stock.sell(order_id)
        self.uow.publish(StockSold(order_id=str(order_id), version=reservation.version))
