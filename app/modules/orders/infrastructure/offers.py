"""This module's copy of what catalog sells."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, select

from app.kernel.database import forward
from app.kernel.money import Money
from app.modules.orders.domain.offer import Offer
from app.modules.orders.infrastructure.tables import offers, stock_levels

THESE = offers.c.sku.in_(bindparam("skus", expanding=True))
OF = select(offers).where(THESE)
SHOWN = (
    select(offers, stock_levels.c.available).outerjoin(stock_levels, stock_levels.c.sku == offers.c.sku).where(THESE)
)


class SqlOffers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """Those of these skus that have been heard of."""
        rows = self._connection.execute(OF, {"skus": list(skus)})
        return {row.sku: _offer(row, None) for row in rows}

    def shown(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """The same, with how many can be had."""
        rows = self._connection.execute(SHOWN, {"skus": list(skus)})
        return {row.sku: _offer(row, row.available) for row in rows}

    def keep(self, offer: Offer, product_id: UUID, revision: int) -> None:
        """An older version never overwrites a newer one."""
        row = {
            "sku": offer.sku,
            "product_id": product_id,
            "name": offer.name,
            "price": offer.price.amount,
            "currency": offer.price.currency,
            "on_sale": offer.on_sale,
            "version": offer.version,
            "revision": revision,
        }
        forward(self._connection, offers, "sku", row)

    def keep_level(self, sku: str, available: int, version: int, revision: int) -> None:
        """An older level never overwrites a newer one."""
        row = {"sku": sku, "available": available, "version": version, "revision": revision}
        forward(self._connection, stock_levels, "sku", row)


def _offer(row: Row[Any], available: int | None) -> Offer:
    price = Money(row.price, row.currency)
    return Offer(sku=row.sku, name=row.name, price=price, on_sale=row.on_sale, version=row.version, available=available)
