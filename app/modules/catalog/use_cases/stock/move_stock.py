"""Write down that goods came in, or that a count was wrong."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.catalog.domain.stock import Movement
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class ReceiveStock:
    """Goods came in: there are more to sell."""

    uow: UnitOfWork

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity < 1:
            raise Invalid("bad_quantity", "goods that come in are one or more; take away by an adjustment")
        self.uow.variants.get(sku)
        return self.uow.stock.receive(sku, quantity, who, why, id)


@dataclass(frozen=True)
class AdjustStock:
    """The shelf was counted: some were lost, or found. What orders hold cannot be taken away."""

    uow: UnitOfWork

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity == 0:
            raise Invalid("bad_quantity", "an adjustment is by one or more, up or down")
        self.uow.variants.get(sku)
        return self.uow.stock.adjust(sku, quantity, who, why, id)
