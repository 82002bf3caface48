"""A product and its variants. Other modules keep copies of the variants, so every change of one raises its version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.kernel.money import CHARGES, Money
from app.modules.catalog.domain.media import Media

DEAREST = 10**9  # in the smallest unit: a thousand times this is still an amount that Money accepts


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
    media: tuple[Media, ...] = ()  # in the order in which they are shown
    on_sale: bool = True
    external_reference: str | None = None  # its id in another system; no two of a kind have the same
    metadata: dict[str, str] = field(default_factory=dict)  # for other systems; customers never see it
    version: int = 1

    def revise(self, changes: Mapping[str, object]) -> bool:
        """Set fields by name. Returns whether anything has changed."""
        return _revise(self, changes)


@dataclass(eq=False, kw_only=True)
class Variant:
    """One form in which a product is sold, with its own price and stock. The variant of a product that has only one
    needs no name."""

    sku: str
    product_id: UUID
    name: str = ""
    amount: int
    currency: str
    attributes: dict[str, str] = field(default_factory=dict)
    on_sale: bool = True
    weight_g: int = 0  # of one unit, in grams
    ships: bool = True  # whether it has to be sent; false for what is downloaded, such as a voucher
    tax_category: str = "standard"
    external_reference: str | None = None  # its id in another system; no two of a kind have the same
    metadata: dict[str, str] = field(default_factory=dict)  # for other systems; customers never see it
    category_path: str = ""  # its categories as its offer has them: slugs from the top one down, joined by slashes
    version: int = 1

    def __post_init__(self) -> None:
        """Raises Invalid(bad_price)."""
        _check(self.price)

    @property
    def price(self) -> Money:
        """The price of one unit."""
        return Money(self.amount, self.currency)

    def change_price(self, price: Money) -> bool:
        """Set a new price. Returns whether it is different. Raises Conflict(other_currency), Invalid(bad_price)."""
        return self.revise({}, price)

    def revise(self, changes: Mapping[str, object], price: Money | None = None) -> bool:
        """Set fields by name, and a new price. Returns whether anything has changed. Raises Conflict(other_currency),
        Invalid(bad_price)."""
        if price is not None:
            _check(price)
            if price.currency != self.currency:
                raise Conflict("other_currency", f"{self.sku} is priced in {self.currency}: send a price in that")
            changes = {**changes, "amount": price.amount}
        return _revise(self, changes)

    def follow_product(self) -> None:
        """Raise the version because the offer has changed with the product's name or its being on sale."""
        self.version += 1


def _revise(thing: Product | Variant, changes: Mapping[str, object]) -> bool:
    different = {name: value for name, value in changes.items() if getattr(thing, name) != value}
    for name, value in different.items():
        setattr(thing, name, value)
    thing.version += bool(different)
    return bool(different)


def _check(price: Money) -> None:
    """Raise Invalid(bad_price) for an implausible price, or one that can never be charged (kernel/money).

    A price below the minimum charge is accepted: one unit alone cannot be paid, but several together can.
    """
    charge = CHARGES.get(price.currency)
    if charge is None:
        raise Invalid("bad_price", f"{price.currency} cannot be charged: choose another currency")
    maximum = min(charge.maximum, DEAREST)
    if not 0 <= price.amount <= maximum:
        raise Invalid("bad_price", f"a price must be from 0 to {maximum}, in the currency's smallest unit")
    if price.amount % charge.step:
        raise Invalid(
            "bad_price", f"{price} can never be charged: use a multiple of {Money(charge.step, price.currency)}"
        )


def is_below_minimum(price: Money) -> bool:
    """Whether an order of a single unit cannot be paid, because its price is below the minimum charge."""
    charge = CHARGES.get(price.currency)
    return charge is not None and 0 < price.amount < charge.minimum
