"""Hold stock for an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import Shortage, StockRejected, StockReserved
from app.modules.catalog.domain.stock import Claim, Reservation
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class HoldStock:
    """Hold everything in an order, or nothing; say which."""

    work: Work

    def execute(self, order_id: UUID, quantities: Mapping[str, int]) -> Reservation:
        short = self.work.stock.hold(order_id, quantities)
        reservation = Reservation(order_id=order_id, status=Claim.REJECTED if short else Claim.HELD)
        self.work.reservations.add(reservation)
        if short:
            missing = [Shortage(sku=each.sku, wanted=each.wanted, available=each.available) for each in short]
            self.work.publish(StockRejected(order_id=str(order_id), short=missing, version=reservation.version))
        else:
            self.work.publish(StockReserved(order_id=str(order_id), version=reservation.version))
        return reservation
