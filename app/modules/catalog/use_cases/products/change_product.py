"""Change the fields of a product, such as its name, description, category, or whether it is on sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.bus.event import differ
from app.kernel.expected import Expected
from app.modules.catalog.domain.product import Product
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.require_category import require_category
from app.modules.catalog.use_cases.products.offers import offer_changed


@dataclass(frozen=True)
class ChangeProduct:
    """Change a product, and publish those offers of its variants that the change affects."""

    uow: UnitOfWork

    def execute(self, product_id: UUID, changes: Mapping[str, object], expected: Expected) -> Product:
        product = self.uow.products.lock(product_id)
        expected.check(product.version)
        require_category(self.uow, str(changes["category"]) if changes.get("category") else None)
        variants = self.uow.variants.of(product_id)
        before = [offer_changed(product, variant) for variant in variants]
        if not product.revise(changes):
            return product
        self.uow.products.save(product)
        path = self.uow.categories.path(product.category) if "category" in changes else None
        for variant, offer in zip(variants, before, strict=True):
            variant.category_path = variant.category_path if path is None else path
            if differ(offer, offer_changed(product, variant)):
                variant.follow_product()
                self.uow.publish(offer_changed(product, variant))
        self.uow.enqueue_indexing(product_id)
        return product
