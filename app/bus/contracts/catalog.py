"""Events of the catalog module. The key of offers and stock levels is the sku, otherwise the order's id."""

from dataclasses import dataclass

from app.bus.event import Event


@dataclass(frozen=True, kw_only=True)
class OfferChanged(Event, name="catalog.offer_changed", version=1, key="sku"):
    """The name or price of a sku has changed, or whether it is on sale. A snapshot, which may be published again."""

    sku: str
    product_id: str
    name: str
    price: int  # in the currency's smallest unit
    currency: str
    on_sale: bool
    weight_g: int = 0  # of one unit, in grams
    ships: bool = True  # whether it has to be sent; false for what is downloaded, such as a voucher
    category: str = ""  # the slugs from the top category down to its own, joined by slashes; empty: none, or not known
    tax_category: str = "standard"
    version: int
    revision: int = 0  # raised when a field is added: projections then accept the same version again


@dataclass(frozen=True, kw_only=True)
class StockLevelChanged(Event, name="catalog.stock_level_changed", version=1, key="sku"):
    """The number of units of a sku that can be ordered has changed. A snapshot; several changes within a short time are
    published as one.
    """

    sku: str
    available: int
    version: int
    revision: int = 0  # raised when a field is added: projections then accept the same version again


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """A sku of which an order requires more units than are available."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True, kw_only=True)
class StockReserved(Event, name="catalog.stock_reserved", version=1, key="order_id"):
    """Stock is held for every line of the order."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockRejected(Event, name="catalog.stock_rejected", version=1, key="order_id"):
    """Stock is short for at least one line of the order, so no stock is held for it."""

    order_id: str
    short: list[Shortage]
    version: int


@dataclass(frozen=True, kw_only=True)
class StockSold(Event, name="catalog.stock_sold", version=1, key="order_id"):
    """The stock held for the order has been sold to it."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockReleased(Event, name="catalog.stock_released", version=1, key="order_id"):
    """The stock held for the order has been released, and is available to other orders again."""

    order_id: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StockReturned(Event, name="catalog.stock_returned", version=1, key="order_id"):
    """The stock sold to the order has been returned, and is on hand again."""

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
    """The reply to orders.order_audit_requested: whether the reservation of the order agrees with the order's status.

    It is published after all earlier events of the order's stock. An order whose status does not agree with them by
    then has missed one.
    """

    audit: str
    order_id: str
    discrepancy: str  # a sentence; empty if there is none
    version: int  # the order's, from the request
