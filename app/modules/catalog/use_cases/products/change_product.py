"""Change what a product is called, says or belongs to, or whether it is sold."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.event import differ
from app.kernel.expected import Expected
from app.modules.catalog.domain.product import Product
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.categories.known_category import known_category
from app.modules.catalog.use_cases.products.offers import offer_changed


@dataclass(frozen=True)
class ChangeProduct:
    """Edit a product; each of its offers that says something else by that is said anew."""

    work: Work

    def execute(self, product_id: UUID, changes: Mapping[str, object], expected: Expected) -> Product:
        product = self.work.products.lock(product_id)
        expected.check(product.version)
        known_category(self.work, str(changes["category"]) if changes.get("category") else None)
        variants = self.work.variants.of(product_id)
        before = [offer_changed(product, variant) for variant in variants]
        if not product.revise(changes):
            return product
        self.work.products.save(product)
        for variant, offer in zip(variants, before, strict=True):
            if differ(offer, offer_changed(product, variant)):
                variant.follow_product()
                self.work.publish(offer_changed(product, variant))
        self.work.ask_for_index(product_id)
        return product
