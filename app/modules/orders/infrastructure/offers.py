"""This module's copy of what catalog sells."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from app.kernel.database import forward
from app.kernel.money import Money
from app.modules.orders.domain.offer import Offer
from app.modules.orders.infrastructure.tables import offers

OF = select(offers).where(offers.c.sku.in_(bindparam("skus", expanding=True)))


class SqlOffers:
    """Offers by sku."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, skus: Iterable[str]) -> Mapping[str, Offer]:
        """Those of these skus that have been heard of."""
        return {
            row.sku: Offer(
                sku=row.sku,
                name=row.name,
                price=Money(row.price, row.currency),
                on_sale=row.on_sale,
                version=row.version,
            )
            for row in self._connection.execute(OF, {"skus": list(skus)})
        }

    def keep(self, offer: Offer, product_id: UUID) -> None:
        """An older version never overwrites a newer one."""
        row = {
            "sku": offer.sku,
            "product_id": product_id,
            "name": offer.name,
            "price": offer.price.amount,
            "currency": offer.price.currency,
            "on_sale": offer.on_sale,
            "version": offer.version,
        }
        forward(self._connection, offers, "sku", row)
