"""The settings of orders: its database, the payment window, and the limits on unpaid orders."""

from collections.abc import Iterator
from dataclasses import dataclass

from limits import RateLimitItem

from app.config import addresses
from app.config import parsers as kinds
from app.config.production import guessable
from app.config.reading import setting


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

    limit_coupons: RateLimitItem = setting(
        "LIMIT_COUPONS", kinds.limit, "10/minute", "Rate limit of codes of coupons tried per caller."
    )

    def unsafe(self) -> Iterator[str]:
        """The reasons why these settings are not safe for production."""
        return guessable(self)
