"""One currency per shop, until there are price lists."""

from app.kernel.errors import Conflict
from app.modules.catalog.domain.product import Variant
from app.modules.catalog.ports.unit_of_work import UnitOfWork
from app.modules.catalog.use_cases.products.offers import offer_changed


def refuse_other_currency(uow: UnitOfWork, variant: Variant) -> None:
    """Refuse to sell in another currency: lists, filters and carts compare prices. Raises Conflict(other_currency)."""
    if variant.on_sale and variant.currency != uow.shop_currency:
        sentence = f"this shop sells in {uow.shop_currency} (SHOP_CURRENCY): {variant.sku} is in {variant.currency}"
        raise Conflict("other_currency", sentence)


def withdraw_other_currencies(uow: UnitOfWork) -> int:
    """Take off sale the variants priced in another currency, which older versions of the shop accepted.

    They disappear from lists and carts. Open orders keep their prices and are completed in their own currency. Returns
    the number of variants.
    """
    withdrawn = uow.variants.on_sale_in_others(uow.shop_currency)
    for variant in withdrawn:
        product = uow.products.lock(variant.product_id)
        variant.revise({"on_sale": False})
        uow.publish(offer_changed(product, variant))
        uow.enqueue_indexing(product.id)
    return len(withdrawn)
