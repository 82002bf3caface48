"""Publish the available stock of a sku."""

from dataclasses import dataclass

from app.bus.contracts.catalog import StockLevelChanged
from app.modules.catalog.domain.stock import Level
from app.modules.catalog.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class PublishStockLevel:
    """Publish the level as it is now. It runs as a delayed job, so changes in quick succession are published once."""

    uow: UnitOfWork

    def execute(self, sku: str) -> None:
        self.uow.publish(stock_level_changed(self.uow.stock.level(sku)))


def stock_level_changed(level: Level) -> StockLevelChanged:
    """Return the full level: as a snapshot with a version, it may be published again at any time."""
    return StockLevelChanged(sku=level.sku, available=level.available, version=level.version)
