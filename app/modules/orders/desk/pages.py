"""All pages of orders."""

from collections.abc import Callable
from datetime import datetime

from app.desk.pages import Pages
from app.kernel.transaction import Transaction
from app.modules.orders.desk.documents.documents import Printed, add_documents
from app.modules.orders.desk.documents.tax_report import add_tax_report
from app.modules.orders.desk.home import add_home
from app.modules.orders.desk.orders.found import add_found
from app.modules.orders.desk.orders.order import add_order
from app.modules.orders.desk.orders.orders import add_orders
from app.modules.orders.desk.orders.packing import add_packing
from app.modules.orders.desk.orders.stuck import add_stuck
from app.modules.orders.desk.promotions.promotions import add_promotions
from app.modules.orders.desk.settings.shipping import add_shipping
from app.modules.orders.desk.settings.tax import add_tax
from app.modules.orders.desk.settings.tax_exemptions import add_tax_exemptions
from app.modules.orders.domain.orders.overview import Overview
from app.modules.orders.ports import UnitOfWork


def orders_pages(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    overview: Callable[[datetime, datetime], Overview],
    printed: Printed,
) -> Pages:
    pages = Pages("orders", __name__)
    add_home(pages, overview)
    add_orders(pages, reading)
    add_found(pages, reading)
    add_order(pages, transaction, reading)
    add_packing(pages, reading)
    add_stuck(pages, reading)
    add_documents(pages, reading, printed)
    add_promotions(pages, transaction, reading)
    add_shipping(pages, transaction, reading)
    add_tax(pages, transaction, reading)
    add_tax_exemptions(pages, transaction, reading)
    add_tax_report(pages, reading)
    return pages
