"""Record that sold units have left the shelf."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class RecordDispatch:
    """Record the units of a dispatched shipment, once: a shipment that is recorded already changes nothing.

    The counters stay: the units were sold before. Whether that was consumed already does not matter.
    """

    uow: UnitOfWork

    def execute(self, shipment_id: UUID, order_id: UUID, quantities: Mapping[str, int]) -> None:
        self.uow.stock.dispatch(shipment_id, order_id, quantities)
