"""Hold stock for an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import Shortage, StockRejected, StockReserved
from app.modules.catalog.domain.stock import Reservation, ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class HoldStock:
    """Hold all units of an order, or none if any sku is short, and publish which it was."""

    uow: UnitOfWork

    def execute(self, order_id: UUID, quantities: Mapping[str, int]) -> Reservation:
        short = self.uow.stock.hold(order_id, quantities)
        reservation = Reservation(
            order_id=order_id, status=ReservationStatus.REJECTED if short else ReservationStatus.HELD
        )
        self.uow.reservations.add(reservation)
        if short:
            missing = [Shortage(sku=each.sku, wanted=each.wanted, available=each.available) for each in short]
            self.uow.publish(StockRejected(order_id=str(order_id), short=missing, version=reservation.version))
        else:
            self.uow.publish(StockReserved(order_id=str(order_id), version=reservation.version))
        return reservation
