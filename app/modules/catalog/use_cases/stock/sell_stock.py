"""Sell what is held for an order."""

from dataclasses import dataclass
from uuid import UUID

from app.bus.contracts.catalog import StockSold
from app.modules.catalog.domain.stock import Claim
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class SellStock:
    """Turn an order's hold into a sale: the goods are no longer ours. Twice is once."""

    work: Work

    def execute(self, order_id: UUID) -> None:
        reservation = self.work.reservations.of(order_id)
        if reservation.status is Claim.SOLD:
            return  # an order that was restored from a backup comes this way twice
        reservation.become(Claim.SOLD)
        self.work.stock.sell(order_id)
        self.work.publish(StockSold(order_id=str(order_id), version=reservation.version))
