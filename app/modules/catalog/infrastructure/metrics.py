"""What catalog counts."""

from collections.abc import Iterable

from prometheus_client import Counter

from app.bus.contracts.catalog import StockRejected
from app.bus.event import Event

PRODUCTS = Counter("quartet_products_created_total", "Products added")
REJECTED = Counter("quartet_stock_rejected_total", "Orders refused because more was wanted than there was")


def count(events: Iterable[Event]) -> None:
    """Once the transaction that said them has committed."""
    for event in events:
        if isinstance(event, StockRejected):
            REJECTED.inc()
