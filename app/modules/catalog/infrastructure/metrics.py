"""The metrics of catalog."""

from collections.abc import Iterable

from prometheus_client import Counter

from app.bus.contracts.catalog import StockRejected
from app.bus.event import Event

PRODUCTS = Counter("quartet_products_created_total", "Products added")
REJECTED = Counter("quartet_stock_rejected_total", "Orders rejected because their stock was short")


def count(events: Iterable[Event]) -> None:
    """Count events. To be called once the transaction that published them has committed."""
    for event in events:
        if isinstance(event, StockRejected):
            REJECTED.inc()
