"""Add a variant to a product."""

from dataclasses import dataclass

from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class AddVariant:
    """Add a variant to a product, such as another size or colour, under its own sku, and publish its offer."""

    uow: UnitOfWork

    def execute(self, variant: Variant) -> Variant:
        product = self.uow.products.lock(variant.product_id)
        refuse_other_currency(self.uow, variant)
        variant.category_path = self.uow.categories.path(product.category)
        self.uow.variants.add(variant)
        self.uow.publish(offer_changed(product, variant))
        self.uow.enqueue_indexing(product.id)
        return variant
