"""Sell a product in one more form."""

from dataclasses import dataclass

from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class AddVariant:
    """Offer a product in another size, colour or finish, under a sku of its own."""

    work: Work

    def execute(self, variant: Variant) -> Variant:
        product = self.work.products.hold(variant.product_id)
        refuse_other_currency(self.work, variant)
        self.work.variants.add(variant)
        self.work.publish(offer_changed(product, variant))
        self.work.ask_for_index(product.id)
        return variant
