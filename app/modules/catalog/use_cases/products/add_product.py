"""Put a new product on the shelves."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.categories.require_category import require_category
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class AddProduct:
    """Sell something new, in these variants; each is offered to the others at once."""

    uow: UnitOfWork

    def execute(self, product: Product, variants: Iterable[Variant], *, slug_was_asked_for: bool = True) -> Product:
        """A slug that nobody asked for gets a number where it is taken; else raises Conflict(slug_taken)."""
        require_category(self.uow, product.category)
        if slug_was_asked_for:
            self.uow.products.add(product)
        else:
            self.uow.products.add_numbered(product)
        for variant in sorted(variants, key=lambda each: each.sku):
            refuse_other_currency(self.uow, variant)
            self.uow.variants.add(variant)
            self.uow.publish(offer_changed(product, variant))
        self.uow.enqueue_indexing(product.id)
        return product
