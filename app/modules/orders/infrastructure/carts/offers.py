"""The copies of catalog's offers and stock levels, as rows."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, select

from app.kernel.compiled import execute
from app.kernel.inserts import forward
from app.kernel.money import Money
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.infrastructure.tables import offers, stock_levels

BY_SKU = offers.c.sku.in_(bindparam("skus", expanding=True))
WITH_LEVEL = (
    select(offers, stock_levels.c.available).outerjoin(stock_levels, stock_levels.c.sku == offers.c.sku).where(BY_SKU)
)


class SqlOffers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        wanted = {f"sku{n}": sku for n, sku in enumerate(skus)}
        rows = execute(self._connection, _of(len(wanted)), wanted)
        return {row.sku: _offer(row, None) for row in rows}

    def with_availability(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        rows = self._connection.execute(WITH_LEVEL, {"skus": list(skus)})
        return {row.sku: _offer(row, row.available) for row in rows}

    def keep(self, offer: Offer, product_id: UUID, revision: int) -> None:
        row = {
            "sku": offer.sku,
            "product_id": product_id,
            "name": offer.name,
            "price": offer.price.amount,
            "currency": offer.price.currency,
            "category": offer.category,
            "weight_g": offer.weight_g,
            "ships": offer.ships,
            "tax_category": offer.tax_category,
            "on_sale": offer.on_sale,
            "version": offer.version,
            "revision": revision,
        }
        forward(self._connection, offers, "sku", row)

    def keep_level(self, sku: str, available: int, version: int, revision: int) -> None:
        row = {"sku": sku, "available": available, "version": version, "revision": revision}
        forward(self._connection, stock_levels, "sku", row)


@cache
def _of(count: int) -> Select[Any]:
    """Built once for each number of skus, which the limit of one order bounds."""
    return select(offers).where(offers.c.sku.in_([bindparam(f"sku{n}") for n in range(count)]))


def _offer(row: Any, available: int | None) -> Offer:
    price = Money(row.price, row.currency)
    return Offer(
        sku=row.sku,
        name=row.name,
        price=price,
        product_id=str(row.product_id),
        category=row.category,
        on_sale=row.on_sale,
        weight_g=row.weight_g,
        ships=row.ships,
        tax_category=row.tax_category,
        version=row.version,
        available=available,
    )
