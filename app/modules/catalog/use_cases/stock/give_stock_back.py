"""Give back what an order held or bought."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockReleased, StockReturned
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class GiveStockBack:
    """An order is off: what it held is free again, what it was sold is back on hand; where it got nothing, nothing."""

    uow: UnitOfWork

    def execute(self, order_id: UUID) -> None:
        reservation = self.uow.reservations.of(order_id)
        if reservation.status is ReservationStatus.HELD:
            reservation.become(ReservationStatus.RELEASED)
            self.uow.stock.release(order_id)
            self.uow.publish(StockReleased(order_id=str(order_id), version=reservation.version))
        elif reservation.status is ReservationStatus.SOLD:
            reservation.become(ReservationStatus.RETURNED)
            self.uow.stock.take_back(order_id)
            self.uow.publish(StockReturned(order_id=str(order_id), version=reservation.version))
