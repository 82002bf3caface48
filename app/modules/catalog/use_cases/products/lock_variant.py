"""Lock a variant to change it, together with its product, whose name is part of the offer."""

from uuid import UUID

from app.kernel.errors import NotFound
from app.kernel.expected import Expected
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork


def lock_variant(uow: UnitOfWork, product_id: UUID, sku: str, expected: Expected) -> tuple[Product, Variant]:
    """Lock the product before the variant, as every change of a product does: the same order prevents deadlocks.
    Changes of its variants take turns, since each of them lists the product with all of its variants.

    Raises NotFound(no_such_product), NotFound(no_such_sku), PreconditionFailed(stale_version).
    """
    product = uow.products.lock(product_id)
    variant = uow.variants.lock(sku)
    if variant.product_id != product_id:
        raise NotFound("no_such_sku", f"product {product_id} has no sku {sku}")
    expected.check(variant.version)
    return product, variant
