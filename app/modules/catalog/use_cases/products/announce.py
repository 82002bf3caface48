"""Say offers and stock levels again."""

from dataclasses import dataclass

from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.stock.say_stock_level import stock_level_changed


@dataclass(frozen=True)
class Announce:
    """Say again what is offered and what can be had, for a module that has lost its copy; whoever has one drops it."""

    work: Work

    def execute(self, after: str, most: int) -> tuple[str | None, int]:
        """The next so many skus; where it ended (None: that was all), and how many they were."""
        variants = self.work.variants.after(after, most)
        for variant in variants:
            self.work.publish(offer_changed(self.work.products.get(variant.product_id), variant))
        levels = self.work.stock.levels([variant.sku for variant in variants])
        self.work.publish(*(stock_level_changed(level) for level in levels))
        return (variants[-1].sku if len(variants) == most else None), len(variants)
