"""The one currency of the shop: SHOP_CURRENCY, or that of the prices that exist."""

from collections.abc import Iterator

from sqlalchemy import Connection, Integer, func, select
from sqlalchemy.exc import DBAPIError

from app.kernel.check_result import CheckResult, ok, warn
from app.kernel.database import Database
from app.modules.catalog.infrastructure.tables import variants

SHOWN = 20  # skus in a sentence
FIRST = "EUR"  # of a shop without any price
STOCK_COUNTS = select(variants.c.currency, func.sum(variants.c.on_sale.cast(Integer)), func.count()).group_by(
    "currency"
)


class ShopCurrency:
    """Looked up once there are prices: it never changes by itself, since others are refused."""

    def __init__(self, setting: str) -> None:
        self._known = setting

    def of(self, connection: Connection) -> str:
        """Where prices of several currencies exist: that of most of those on sale."""
        if not self._known:
            found = connection.execute(STOCK_COUNTS).all()
            if not found:
                return FIRST
            self._known = max(found, key=lambda row: (row[1] or 0, row[2], row[0] == FIRST, row[0]))[0]
        return self._known


def currency_check(configured: str, database: Database) -> Iterator[CheckResult]:
    """What `flask doctor` says of prices in other currencies, from before these were refused."""
    try:
        with database.read() as connection:
            currency = ShopCurrency(configured).of(connection)
            other = select(variants.c.sku).where(variants.c.currency != currency).order_by(variants.c.sku)
            skus = connection.execute(other).scalars().all()
    except DBAPIError:
        return  # that is told by itself
    if skus:
        sentence = f"{len(skus)} variants are not priced in {currency} and not sold: {', '.join(skus[:SHOWN])}"
        yield warn("currency", "", sentence, f"sell them under new skus, priced in {currency}")
    else:
        yield ok("currency", "", f"all prices are in {currency}")
