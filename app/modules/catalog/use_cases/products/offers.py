"""The event that publishes an offer."""

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.domain.product import Product, Variant


def offer_changed(product: Product, variant: Variant) -> OfferChanged:
    """Return the full state of a variant's offer: as a snapshot with a version, it may be published again any time."""
    return OfferChanged(
        sku=variant.sku,
        product_id=str(product.id),
        name=f"{product.name} – {variant.name}" if variant.name else product.name,
        price=variant.amount,
        currency=variant.currency,
        on_sale=product.on_sale and variant.on_sale,
        weight_g=variant.weight_g,
        ships=variant.ships,
        category=variant.category_path,
        tax_category=variant.tax_category,
        version=variant.version,
        revision=2,
    )
