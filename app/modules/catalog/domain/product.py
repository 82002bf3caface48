"""A product and its variants. What others keep a copy of is the variant: whatever changes that, raises its version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.kernel.money import CHARGES, Money

DEAREST = 10**9  # of the smallest unit: a thousand of it still is an amount that Money takes


@dataclass(eq=False, kw_only=True)
class Product:
    """Something the shop sells, in one or more variants."""

    id: UUID
    slug: str
    name: str
    description: str
    created_at: datetime
    category: str | None = None  # its slug
    attributes: dict[str, str] = field(default_factory=dict)
    on_sale: bool = True
    version: int = 1

    def revise(self, changes: Mapping[str, object]) -> bool:
        """Take new values by field name; says whether anything is different now."""
        return _revise(self, changes)


@dataclass(eq=False, kw_only=True)
class Variant:
    """One of the forms a product is sold in; what has a price and a stock. A product sold in one form only needs no
    name for it."""

    sku: str
    product_id: UUID
    name: str = ""
    amount: int
    currency: str
    attributes: dict[str, str] = field(default_factory=dict)
    on_sale: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse a price that nobody can mean."""
        _check(self.price)

    @property
    def price(self) -> Money:
        """What one of it costs."""
        return Money(self.amount, self.currency)

    def change_price(self, price: Money) -> bool:
        """Cost something else from now on; says whether it does. Raises Conflict for another currency."""
        return self.revise({}, price)

    def revise(self, changes: Mapping[str, object], price: Money | None = None) -> bool:
        """Take new values by field name, and a new price; says whether anything is different now."""
        if price is not None:
            _check(price)
            if price.currency != self.currency:
                raise Conflict("other_currency", f"{self.sku} is priced in {self.currency}: give an amount in that")
            changes = {**changes, "amount": price.amount}
        return _revise(self, changes)

    def follow_product(self) -> None:
        """Its product's name or being on sale has changed, and with it the offer."""
        self.version += 1


def _revise(thing: Product | Variant, changes: Mapping[str, object]) -> bool:
    different = {name: value for name, value in changes.items() if getattr(thing, name) != value}
    for name, value in different.items():
        setattr(thing, name, value)
    thing.version += bool(different)
    return bool(different)


def _check(price: Money) -> None:
    """Raises Invalid(bad_price) for what nobody can mean, or what can never be charged (kernel/money). Below the least
    that can be, one is cheap and several can be paid."""
    charge = CHARGES.get(price.currency)
    if charge is None:
        raise Invalid("bad_price", f"nothing can be charged in {price.currency}")
    maximum = min(charge.maximum, DEAREST)
    if not 0 <= price.amount <= maximum:
        raise Invalid("bad_price", f"a price is from 0 to {maximum} of the smallest unit")
    if price.amount % charge.step:
        raise Invalid(
            "bad_price", f"{price} can never be charged: give a multiple of {Money(charge.step, price.currency)}"
        )


def is_below_minimum(price: Money) -> bool:
    """An order of one of it cannot be paid."""
    charge = CHARGES.get(price.currency)
    return charge is not None and 0 < price.amount < charge.minimum
