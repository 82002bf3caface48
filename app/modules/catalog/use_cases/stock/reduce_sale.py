"""Take back a part of what was sold to an order, which never left the shelf."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.modules.catalog.domain.stock import ReservationStatus
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class ReduceSale:
    """Put the sold units of an order back on hand that are more than what remains of it, once; nothing happens if the
    order's stock is not sold. The rest of the order stays sold.
    """

    uow: UnitOfWork

    def execute(self, order_id: UUID, remaining: Mapping[str, int]) -> None:
        reservation = self.uow.reservations.find(order_id)
        if reservation and reservation.status is ReservationStatus.SOLD:
            self.uow.stock.reduce_sale(order_id, remaining)
