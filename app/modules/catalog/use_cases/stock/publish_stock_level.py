"""Say how many of a sku can be had."""

from dataclasses import dataclass

from app.bus.contracts.catalog import StockLevelChanged
from app.modules.catalog.domain.stock import Level
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class PublishStockLevel:
    """Tell the others the level as it is now: changes close together are said once."""

    uow: UnitOfWork

    def execute(self, sku: str) -> None:
        self.uow.publish(stock_level_changed(self.uow.stock.level(sku)))


def stock_level_changed(level: Level) -> StockLevelChanged:
    """The whole of it: it can be said again at any time."""
    return StockLevelChanged(sku=level.sku, available=level.available, version=level.version)
