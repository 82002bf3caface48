"""Release or take back the stock of an order that was cancelled or refunded."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockReleased, StockReturned
from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class GiveStockBack:
    """Release the stock that the order holds, or put sold stock back on hand; nothing happens if its reservation was
    rejected, released or returned. Raises NotFound(no_such_reservation)."""

    uow: UnitOfWork

    def execute(self, order_id: UUID) -> None:
        reservation = self.uow.reservations.of(order_id)
        if reservation.status is ReservationStatus.HELD:
            reservation.become(ReservationStatus.RELEASED)
            self.uow.reservations.save(reservation)
            self.uow.stock.release(order_id)
            self.uow.publish(StockReleased(order_id=str(order_id), version=reservation.version))
        elif reservation.status is ReservationStatus.SOLD:
            reservation.become(ReservationStatus.RETURNED)
            self.uow.reservations.save(reservation)
            self.uow.stock.take_back(order_id)
            self.uow.publish(StockReturned(order_id=str(order_id), version=reservation.version))
