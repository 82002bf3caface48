"""An offer: this module's copy of what catalog sells."""

from dataclasses import dataclass

from app.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A SKU, its name and its price, as catalog last published them."""

    sku: str
    name: str
    price: Money
    product_id: str = ""
    category: str = ""  # the slugs from the top category down, joined by slashes; empty: none, or not known yet
    on_sale: bool
    weight_g: int = 0  # of one unit
    ships: bool = True  # whether it has to be sent
    tax_category: str = "standard"
    version: int
    available: int | None = None  # None: no stock level has been consumed yet
