"""An offer, as catalog says it to the others."""

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.domain.product import Product, Variant


def offer_changed(product: Product, variant: Variant) -> OfferChanged:
    """All there is to know of a variant that is for sale: it can be said again at any time."""
    return OfferChanged(
        sku=variant.sku,
        product_id=str(product.id),
        name=f"{product.name} – {variant.name}" if variant.name else product.name,
        price=variant.amount,
        currency=variant.currency,
        on_sale=product.on_sale and variant.on_sale,
        version=variant.version,
    )
