"""The settings of orders: its database, the payment window, when money is taken, and the limits on unpaid orders."""

from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.production import guessable
from app.config.reading import SettingsError, setting
from app.config.settings import Settings


def capture(raw: str) -> str:
    """order or shipment."""
    if raw not in {"order", "shipment"}:
        raise ValueError("give order or shipment")
    return raw


def at_hold_end(raw: str) -> str:
    """capture or cancel; may be empty."""
    if raw not in {"", "capture", "cancel"}:
        raise ValueError("give capture or cancel")
    return raw


@dataclass(frozen=True, kw_only=True)
class OrdersSettings:
    database: str | None = setting(
        "ORDERS_DATABASE_URL", addresses.database, None, "Database of orders (default: SQLite).", True
    )
    payment_window_seconds: int = setting(
        "PAYMENT_WINDOW_SECONDS",
        kinds.positive,
        "1800",
        "An unpaid order is cancelled this many seconds after its last activity.",
        formerly="ORDER_DEADLINE_SECONDS",
    )
    max_payment_window_seconds: int = setting(
        "MAX_PAYMENT_WINDOW_SECONDS",
        kinds.positive,
        "7200",
        "An unpaid order is cancelled at this age at the latest, whatever its activity.",
        formerly="ORDER_DEADLINE_CAP_SECONDS",
    )
    capture: str = setting(
        "CAPTURE",
        capture,
        "order",
        "When money is taken: order (once an order is confirmed), or shipment (when its first shipment is dispatched).",
    )
    at_hold_end: str = setting(
        "AT_HOLD_END",
        at_hold_end,
        "",
        "What happens to an order of which nothing was dispatched, 2 hours before the bank releases its money: capture "
        "or cancel. Required with CAPTURE=shipment.",
    )
    max_open_orders: int = setting(
        "MAX_OPEN_ORDERS", kinds.positive, "10", "The maximum number of unpaid orders of one customer."
    )
    max_held_units: int = setting(
        "MAX_HELD_UNITS", kinds.positive, "2000", "The maximum number of units in all unpaid orders of one customer."
    )
    limit_orders: RateLimitItem = setting(
        "LIMIT_ORDERS", kinds.limit, "200/hour", "Rate limit of orders placed per address."
    )
    limit_units: RateLimitItem = setting(
        "LIMIT_UNITS",
        kinds.limit,
        "5000/hour",
        "Rate limit of units ordered per address. It is also the maximum number of units of one order.",
    )

    def unsafe(self) -> Iterator[str]:
        """The reasons why these settings are not safe for production."""
        return guessable(self)


def orders_settings(shared: Settings) -> OrdersSettings:
    """Read the settings of orders. Raises SettingsError for the first that is wrong or missing."""
    own = shared.own(OrdersSettings)
    if own.capture == "shipment" and not own.at_hold_end:
        raise SettingsError(
            "AT_HOLD_END is missing: CAPTURE=shipment needs it; set it to capture or cancel, which then happens to an "
            "order of which nothing was dispatched before the bank releases its money. What is lawful depends on where "
            "you sell."
        )
    return own
