"""Publish the offers again whose category has moved, a few at a time."""

from dataclasses import dataclass

from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.offers import offer_changed

SLICE = 50  # variants per transaction, whose locks a change of a price waits for


@dataclass(frozen=True)
class FollowCategories:
    """Publish the next offers that were published with other categories than they have now."""

    uow: UnitOfWork

    def execute(self) -> bool:
        """Returns whether there may be more. Whatever it has done stays done, so it can be stopped anywhere."""
        misplaced = self.uow.variants.misplaced(SLICE)
        for sku in misplaced:
            product = self.uow.products.lock_shared(self.uow.variants.get(sku).product_id)
            variant = self.uow.variants.lock(sku)
            path = self.uow.categories.path(product.category)
            if variant.category_path != path:
                variant.category_path = path
                variant.follow_product()
                self.uow.publish(offer_changed(product, variant))
        return len(misplaced) == SLICE
