"""A product and its variants."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.kernel.money import Money


@dataclass(eq=False, kw_only=True)
class Product:
    """Something the shop sells, in one or more variants."""

    id: UUID
    name: str
    description: str
    created_at: datetime
    version: int = 1


@dataclass(eq=False, kw_only=True)
class Variant:
    """One of the forms a product is sold in; what has a price and a stock."""

    sku: str
    product_id: UUID
    name: str
    amount: int
    currency: str
    on_sale: bool = True
    version: int = 1

    @property
    def price(self) -> Money:
        """What one of it costs."""
        return Money(self.amount, self.currency)
