"""A cart with the prices of now, and with what keeps it from being ordered."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.money import Money
from app.modules.orders.domain.cart import Cart
from app.modules.orders.domain.offer import Offer


@dataclass(frozen=True)
class Problem:
    """Why the cart cannot be ordered as it is: the code and the sentence of that refusal; where one line is why, its
    sku."""

    code: str
    detail: str
    sku: str | None = None


@dataclass(frozen=True)
class PricedLine:
    """So many of a sku; without an offer it is one that we know nothing of."""

    sku: str
    quantity: int
    offer: Offer | None


@dataclass(frozen=True)
class Priced:
    """A cart as it would be ordered now. `total` is what the order of all that is still sold would come to; None where
    nothing is, or where it does not add up."""

    cart: Cart
    lines: Sequence[PricedLine]
    total: Money | None
    problems: Sequence[Problem]
