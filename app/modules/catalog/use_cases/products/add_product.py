"""Put a new product on the shelves."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.ports.work import Work
from app.modules.catalog.use_cases.categories.known_category import known_category
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class AddProduct:
    """Sell something new, in these variants; each is offered to the others at once."""

    work: Work

    def execute(self, product: Product, variants: Iterable[Variant], *, slug_was_asked_for: bool = True) -> Product:
        """A slug that nobody asked for gets a number where it is taken; else raises Conflict(slug_taken)."""
        known_category(self.work, product.category)
        if slug_was_asked_for:
            self.work.products.add(product)
        else:
            self.work.products.add_numbered(product)
        for variant in sorted(variants, key=lambda each: each.sku):
            refuse_other_currency(self.work, variant)
            self.work.variants.add(variant)
            self.work.publish(offer_changed(product, variant))
        self.work.ask_for_index(product.id)
        return product
