"""An offer, as catalog says it to the others."""

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.domain.product import Variant


def offer_changed(variant: Variant) -> OfferChanged:
    """All there is to know of a variant that is for sale: it can be said again at any time."""
    return OfferChanged(
        sku=variant.sku,
        product_id=str(variant.product_id),
        name=variant.name,
        price=variant.amount,
        currency=variant.currency,
        on_sale=variant.on_sale,
        version=variant.version,
    )
