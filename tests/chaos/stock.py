"""Put something on sale straight through the use cases; run in a process of its own."""

from app.config import Settings
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.module import catalog
from app.modules.catalog.use_cases.offers import offer_changed


def stock(sku: str, amount: str, currency: str, on_hand: str) -> None:
    """A product with one variant, so many on hand."""
    product = Product(id=new_id(), name=sku.title(), description="", created_at=clock.now())
    variant = Variant(sku=sku, product_id=product.id, name=sku.title(), amount=int(amount), currency=currency)
    with catalog(Settings.from_environment()).transaction() as work:
        work.products.add(product)
        work.variants.add(variant)
        work.stock.receive(sku, int(on_hand), "test", "opening stock")
        work.publish(offer_changed(variant))
