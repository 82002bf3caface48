"""All pages of catalog."""

from collections.abc import Collection

from app.desk.pages import Pages
from app.kernel.transaction import Transaction
from app.modules.catalog.desk.categories import add_categories
from app.modules.catalog.desk.found import add_found
from app.modules.catalog.desk.product import add_product_pages
from app.modules.catalog.desk.products import add_products
from app.modules.catalog.desk.stock import add_stock
from app.modules.catalog.ports.reading import Reading
from app.modules.catalog.ports.search import Search
from app.modules.catalog.ports.unit_of_work import UnitOfWork


def catalog_pages(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[Reading],
    search: Search,
    media_origins: Collection[str],
    currency: str,
) -> Pages:
    pages = Pages("catalog", __name__)
    add_products(pages, transaction, reading, search, currency)
    add_found(pages, reading, search)
    add_product_pages(pages, transaction, reading, media_origins, currency)
    add_categories(pages, transaction, reading)
    add_stock(pages, transaction, reading)
    return pages
