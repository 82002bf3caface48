"""A cart with the current prices, and with the problems that prevent it from being ordered."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.modules.orders.domain.carts.cart import Cart
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import Priced


@dataclass(frozen=True)
class Problem:
    """Why the cart cannot be ordered: code and sentence of the error. `sku`: the line that causes it, if any."""

    code: str
    detail: str
    sku: str | None = None


@dataclass(frozen=True)
class PricedLine:
    """A quantity of one SKU. `offer` is None if no offer of this SKU is known."""

    sku: str
    quantity: int
    offer: Offer | None


@dataclass(frozen=True)
class PricedCart:
    """A cart at the current prices. `priced` has the lines that are still on sale; None if there are no such lines, or
    if they cannot be added up (mixed currencies, or above the maximum).
    """

    cart: Cart
    lines: Sequence[PricedLine]
    priced: Priced | None
    problems: Sequence[Problem]
