"""Change what a variant is called, is like or costs, or whether it is sold."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.money import Money
from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports import Work
from app.modules.catalog.use_cases.offers import offer_changed


@dataclass(frozen=True)
class ChangeVariant:
    """Edit a variant; however much of it changes, one offer is said, with one new version."""

    work: Work

    def execute(self, sku: str, changes: Mapping[str, object], price: Money | None = None) -> Variant:
        variant = self.work.variants.get(sku)
        product = self.work.products.hold(variant.product_id)
        if variant.revise(changes, price):
            self.work.publish(offer_changed(product, variant))
            self.work.ask_for_index(product.id)
        return variant
