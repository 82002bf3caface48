"""Give back what an order held or bought."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockReleased, StockReturned
from app.modules.catalog.domain.stock import Claim
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class GiveStockBack:
    """An order is off: what it held is free again, what it was sold is back on hand; where it got nothing, nothing."""

    work: Work

    def execute(self, order_id: UUID) -> None:
        reservation = self.work.reservations.of(order_id)
        if reservation.status is Claim.HELD:
            reservation.become(Claim.RELEASED)
            self.work.stock.release(order_id)
            self.work.publish(StockReleased(order_id=str(order_id), version=reservation.version))
        elif reservation.status is Claim.SOLD:
            reservation.become(Claim.RETURNED)
            self.work.stock.take_back(order_id)
            self.work.publish(StockReturned(order_id=str(order_id), version=reservation.version))
