"""Publish offers and stock levels again."""

from dataclasses import dataclass

from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.stock.publish_stock_level import stock_level_changed


@dataclass(frozen=True)
class Announce:
    """Publish offers and stock levels again, for a module that has lost its copies. Other modules ignore them, since
    they already have these versions."""

    uow: UnitOfWork

    def execute(self, after: str, limit: int) -> tuple[str | None, int]:
        """Publish the next `limit` skus after `after`. Returns the last sku (None: these were the last ones), and the
        number of skus."""
        variants = self.uow.variants.after(after, limit)
        for variant in variants:
            self.uow.publish(offer_changed(self.uow.products.get(variant.product_id), variant))
        levels = self.uow.stock.levels([variant.sku for variant in variants])
        self.uow.publish(*(stock_level_changed(level) for level in levels))
        return (variants[-1].sku if len(variants) == limit else None), len(variants)
