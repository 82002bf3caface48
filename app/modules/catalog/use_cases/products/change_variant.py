"""Change the fields of a variant: its name, attributes, price, or whether it is on sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel.expected import Expected
from app.kernel.money import Money
from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.lock_variant import lock_variant
from app.modules.catalog.use_cases.products.offers import offer_changed
from app.modules.catalog.use_cases.products.one_currency import refuse_other_currency


@dataclass(frozen=True)
class ChangeVariant:
    """Change a variant. However many fields change, its version rises by one and one offer is published.

    Raises Conflict(external_reference_taken).
    """

    uow: UnitOfWork

    def execute(
        self, product_id: UUID, sku: str, changes: Mapping[str, object], expected: Expected, price: Money | None = None
    ) -> Variant:
        product, variant = lock_variant(self.uow, product_id, sku, expected)
        if variant.revise(changes, price):
            self.uow.variants.save(variant)
            if changes.get("on_sale"):
                refuse_other_currency(self.uow, variant)
            self.uow.publish(offer_changed(product, variant))
            self.uow.enqueue_indexing(product.id)
        return variant
