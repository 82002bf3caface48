"""Add a product with its variants."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.require_category import require_category
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class AddProduct:
    """Add a product with its variants, and publish an offer for each variant."""

    uow: UnitOfWork

    def execute(self, product: Product, variants: Iterable[Variant], *, slug_was_requested: bool = True) -> Product:
        """Raises Conflict(slug_taken) for a requested slug; one that was made of the name gets a number instead."""
        require_category(self.uow, product.category)
        if slug_was_requested:
            self.uow.products.add(product)
        else:
            self.uow.products.add_numbered(product)
        path = self.uow.categories.path(product.category)
        for variant in sorted(variants, key=lambda each: each.sku):
            refuse_other_currency(self.uow, variant)
            variant.category_path = path
            self.uow.variants.add(variant)
            self.uow.publish(offer_changed(product, variant))
        self.uow.enqueue_indexing(product.id)
        return product
