"""A cart: what somebody means to buy. It holds no prices: those are shown, and agreed on when it is ordered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid

MAX_QUANTITY = 1000
MAX_LINES = 100


@dataclass(frozen=True, kw_only=True)
class Cart:
    """A customer's cart, or a guest's; `order_id` is the open order that locks it. `version` 0 is not saved yet."""

    id: UUID
    customer_id: UUID | None
    token_hash: bytes | None  # a guest's; the token itself is known to the guest alone
    touched_at: datetime
    items: Mapping[str, int] = field(default_factory=dict)
    order_id: UUID | None = None
    version: int = 0


@dataclass(frozen=True)
class Holder:
    """Whose cart is asked for: a customer's, a guest's by token, or, with both, a guest's who has signed in."""

    customer_id: UUID | None
    token: str | None


def hash_of(token: str) -> bytes:
    """What is stored of a token. It is 256 random bits, so one round is enough."""
    return hashlib.sha256(token.encode()).digest()


def refuse_locked(cart: Cart) -> None:
    """Raises Conflict(cart_locked) with the order that locks it."""
    if cart.order_id is not None:
        sentence = f"order {cart.order_id} is being paid from this cart: pay or cancel it first"
        raise Conflict("cart_locked", sentence, {"order_id": str(cart.order_id)})


def with_item(cart: Cart, sku: str, quantity: int, now: datetime) -> Cart:
    """The cart with so many of this sku, however many there were. Raises Conflict(cart_locked), Invalid(cart_full)."""
    refuse_locked(cart)
    items = {**cart.items, sku: quantity}
    if len(items) > MAX_LINES:
        raise Invalid("cart_full", f"a cart holds at most {MAX_LINES} different articles: take one out first")
    return replace(cart, items=items, touched_at=now)


def without_item(cart: Cart, sku: str, now: datetime) -> Cart:
    """The cart without this sku. Raises Conflict(cart_locked)."""
    refuse_locked(cart)
    return replace(cart, items={each: n for each, n in cart.items.items() if each != sku}, touched_at=now)


def merged(mine: Cart, guests: Cart, now: datetime) -> Cart:
    """Both carts in one: quantities add up, to MOST_OF_ONE; what no longer fits on MOST_LINES is left out."""
    items = dict(mine.items)
    for sku, quantity in guests.items.items():
        if sku in items or len(items) < MAX_LINES:
            items[sku] = min(items.get(sku, 0) + quantity, MAX_QUANTITY)
    return replace(mine, items=items, touched_at=now)
