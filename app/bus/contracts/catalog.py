"""What the catalog module says. Prices and stock levels have the sku as their key; what concerns an order, its id."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class OfferChanged(Event, name="catalog.offer_changed", version=1, key="sku"):
    """What a sku is called and costs, and whether it is sold. Full state; can be said again."""

    sku: str
    product_id: str
    name: str
    price: int  # in the currency's smallest unit
    currency: str
    on_sale: bool
    version: int
    revision: int = 0  # raised where a field is added: copies then take the same version once more


@dataclass(frozen=True, kw_only=True)
class StockLevelChanged(Event, name="catalog.stock_level_changed", version=1, key="sku"):
    """How many of a sku can be had now. Full state; changes close together are said once."""

    sku: str
    available: int
    version: int
    revision: int = 0  # raised where a field is added: copies then take the same version once more


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """More of a sku was wanted than there is."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True, kw_only=True)
class StockReserved(Event, name="catalog.stock_reserved", version=1, key="order_id"):
    """Everything in the order is held for it."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockRejected(Event, name="catalog.stock_rejected", version=1, key="order_id"):
    """Something in the order is short; nothing is held for it."""

    order_id: str
    short: list[Shortage]
    version: int


@dataclass(frozen=True, kw_only=True)
class StockSold(Event, name="catalog.stock_sold", version=1, key="order_id"):
    """What was held for the order is sold."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockReleased(Event, name="catalog.stock_released", version=1, key="order_id"):
    """What was held for the order can be had by others again."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockReturned(Event, name="catalog.stock_returned", version=1, key="order_id"):
    """What was sold to the order is back on hand."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockAuditReported(
    Event,
    name="catalog.stock_audit_reported",
    version=1,
    key="order_id",
    formerly="catalog.stock_audited.v1",
    renamed={"finding": "discrepancy"},
):
    """The answer to orders.order_audit_requested: whether the order's stock is as the order's status says.

    It comes after all that was said of it here before: an order that has not moved by then has missed something.
    """

    audit: str
    order_id: str
    discrepancy: str  # a sentence; empty where it agrees
    version: int  # the order's, as it was asked
