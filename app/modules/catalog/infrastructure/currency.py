"""The currency of the shop: SHOP_CURRENCY, or that of the existing prices."""

from collections.abc import Iterator

from sqlalchemy import Connection, Integer, func, select
from sqlalchemy.exc import DBAPIError

from app.kernel.check_result import CheckResult, ok, warn
from app.kernel.database import Database
from app.modules.catalog.infrastructure.tables import variants

SHOWN = 20  # skus that a check result lists
DEFAULT = "EUR"  # of a shop without any price
PRICES = select(variants.c.currency, func.sum(variants.c.on_sale.cast(Integer)), func.count()).group_by("currency")


class ShopCurrency:
    """The currency of the shop. Without a setting it is derived from the existing prices, and then cached for good: it
    cannot change, because prices in other currencies are refused."""

    def __init__(self, setting: str) -> None:
        self._known = setting

    def of(self, connection: Connection) -> str:
        """If prices in several currencies exist, return the one with the highest number of variants on sale."""
        if not self._known:
            rows = connection.execute(PRICES).all()
            if not rows:
                return DEFAULT
            self._known = max(rows, key=lambda row: (row[1] or 0, row[2], row[0] == DEFAULT, row[0]))[0]
        return self._known


def currency_check(configured: str, database: Database) -> Iterator[CheckResult]:
    """Find prices in other currencies, which older versions of the shop accepted; a check of `flask doctor`."""
    try:
        with database.read() as connection:
            currency = ShopCurrency(configured).of(connection)
            other = select(variants.c.sku).where(variants.c.currency != currency).order_by(variants.c.sku)
            skus = connection.execute(other).scalars().all()
    except DBAPIError:
        return  # another check reports that the database is not available
    if skus:
        sentence = f"{len(skus)} variants are not priced in {currency} and not sold: {', '.join(skus[:SHOWN])}"
        yield warn("currency", "", sentence, f"sell them under new skus, priced in {currency}")
    else:
        yield ok("currency", "", f"all prices are in {currency}")
