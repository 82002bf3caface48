"""Write down that goods came in, or that a count was wrong."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.catalog.domain.stock import Movement
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class ReceiveStock:
    """Goods came in: there are more to sell."""

    work: Work

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity < 1:
            raise Invalid("bad_quantity", "goods that come in are one or more; take away by an adjustment")
        self.work.variants.get(sku)
        return self.work.stock.receive(sku, quantity, who, why, id)


@dataclass(frozen=True)
class AdjustStock:
    """The shelf was counted: some were lost, or found. What orders hold cannot be taken away."""

    work: Work

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity == 0:
            raise Invalid("bad_quantity", "an adjustment is by one or more, up or down")
        self.work.variants.get(sku)
        return self.work.stock.adjust(sku, quantity, who, why, id)
