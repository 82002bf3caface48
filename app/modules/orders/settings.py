"""What orders alone is set by: its database, how long it waits, and how much a customer may hold unpaid."""

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
        "An order that is unpaid for so long is cancelled; activity begins the window anew.",
        formerly="ORDER_DEADLINE_SECONDS",
    )
    max_payment_window_seconds: int = setting(
        "MAX_PAYMENT_WINDOW_SECONDS",
        kinds.positive,
        "7200",
        "The age of an order after which no activity begins the window anew.",
        formerly="ORDER_DEADLINE_CAP_SECONDS",
    )
    max_open_orders: int = setting(
        "MAX_OPEN_ORDERS", kinds.positive, "10", "Unpaid orders that a customer may have at once."
    )
    max_held_units: int = setting(
        "MAX_HELD_UNITS", kinds.positive, "2000", "Units in the unpaid orders of a customer, all articles together."
    )
    limit_orders: RateLimitItem = setting("LIMIT_ORDERS", kinds.limit, "200/hour", "Orders placed per address.")
    limit_units: RateLimitItem = setting(
        "LIMIT_UNITS", kinds.limit, "5000/hour", "Units ordered per address; no order can have more."
    )

    def unsafe(self) -> Iterator[str]:
        """Why these do not do for production."""
        return guessable(self)
