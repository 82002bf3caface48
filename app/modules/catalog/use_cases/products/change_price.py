"""Change the price of a variant."""

from dataclasses import dataclass
from uuid import UUID

from app.kernel.expected import Expected
from app.kernel.money import Money
from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.lock_variant import lock_variant
from app.modules.catalog.use_cases.products.offers import offer_changed


@dataclass(frozen=True)
class ChangePrice:
    """Change the price of a variant, and publish its offer if the price is different."""

    uow: UnitOfWork

    def execute(self, product_id: UUID, sku: str, price: Money, expected: Expected) -> Variant:
        product, variant = lock_variant(self.uow, product_id, sku, expected)
        if variant.change_price(price):
            self.uow.publish(offer_changed(product, variant))
            self.uow.enqueue_indexing(product.id)
        return variant
