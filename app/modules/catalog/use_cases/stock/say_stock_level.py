"""Say how many of a sku can be had."""

from dataclasses import dataclass

from app.bus.contracts.catalog import StockLevelChanged
from app.modules.catalog.domain.stock import Level
from app.modules.catalog.ports.work import Work


@dataclass(frozen=True)
class SayStockLevel:
    """Tell the others the level as it is now: changes close together are said once."""

    work: Work

    def execute(self, sku: str) -> None:
        self.work.publish(stock_level_changed(self.work.stock.level(sku)))


def stock_level_changed(level: Level) -> StockLevelChanged:
    """The whole of it: it can be said again at any time."""
    return StockLevelChanged(sku=level.sku, available=level.available, version=level.version)
