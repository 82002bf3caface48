"""Record received goods, or the correction of a count."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.catalog.domain.stock import Movement
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class ReceiveStock:
    """Add received goods to the stock. Raises NotFound(no_such_sku), Invalid(bad_quantity, too_much_stock)."""

    uow: UnitOfWork

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity < 1:
            raise Invalid(
                "bad_quantity", "a received quantity must be 1 or more: use an adjustment to reduce the stock"
            )
        self.uow.variants.get(sku)
        return self.uow.stock.receive(sku, quantity, who, why, id)


@dataclass(frozen=True)
class AdjustStock:
    """Correct the stock after a count. Units that orders hold cannot be removed.

    Raises NotFound(no_such_sku), Invalid(bad_quantity, too_much_stock), Conflict(not_enough_stock).
    """

    uow: UnitOfWork

    def execute(self, id: UUID, sku: str, quantity: int, who: str, why: str) -> Movement:
        if quantity == 0:
            raise Invalid("bad_quantity", "an adjustment must be 1 or more, or -1 or less")
        self.uow.variants.get(sku)
        return self.uow.stock.adjust(sku, quantity, who, why, id)
