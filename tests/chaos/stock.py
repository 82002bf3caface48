"""Put something on sale straight through the use cases; run in a process of its own."""

from app.config import Settings
from app.kernel import clock
from app.kernel.ids import new_id
from app.modules.catalog.domain.product import Product, Variant
from app.modules.catalog.module import catalog
from app.modules.catalog.use_cases.add_product import AddProduct


def stock(sku: str, amount: str, currency: str, on_hand: str) -> None:
    """A product with one variant, so many on hand."""
    product = Product(id=new_id(), slug=sku.lower(), name=sku.title(), description="", created_at=clock.now())
    variant = Variant(sku=sku, product_id=product.id, amount=int(amount), currency=currency)
    with catalog(Settings.from_environment()).transaction() as work:
        AddProduct(work).execute(product, [variant])
        work.stock.receive(sku, int(on_hand), "test", "opening stock")
