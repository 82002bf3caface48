"""A cart: SKUs and quantities. It stores no prices: they are looked up when it is shown, fixed when it is ordered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.promotions.codes import MAX_CODES, distinct, folded

MAX_QUANTITY = 1000
MAX_LINES = 100


@dataclass(frozen=True, kw_only=True)
class Cart:
    """A cart of a customer or of a guest. `order_id` is the open order that locks it. `version` 0: not saved yet."""

    id: UUID
    customer_id: UUID | None
    token_hash: bytes | None  # of a guest's cart; the token itself is not stored
    touched_at: datetime
    items: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[str, ...] = ()  # of coupons, as they are shown
    order_id: UUID | None = None
    version: int = 0


@dataclass(frozen=True)
class Holder:
    """The owner of the requested cart: a customer, or a guest by token. Both are set when a guest has signed in."""

    customer_id: UUID | None
    token: str | None


def hash_of(token: str) -> bytes:
    """The hash that is stored instead of a token. A token is 256 random bits, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


def refuse_locked(cart: Cart) -> None:
    """Raises Conflict(cart_locked), with the id of the order that locks the cart."""
    if cart.order_id is not None:
        sentence = f"the cart is locked by the unpaid order {cart.order_id}: pay or cancel that order first"
        raise Conflict("cart_locked", sentence, {"order_id": str(cart.order_id)})


def with_item(cart: Cart, sku: str, quantity: int, now: datetime) -> Cart:
    """The cart with the quantity of this SKU replaced. Raises Conflict(cart_locked), Invalid(cart_full)."""
    refuse_locked(cart)
    items = {**cart.items, sku: quantity}
    if len(items) > MAX_LINES:
        raise Invalid("cart_full", f"a cart can have at most {MAX_LINES} different SKUs: remove one first")
    return replace(cart, items=items, touched_at=now)


def without_item(cart: Cart, sku: str, now: datetime) -> Cart:
    """The cart without this SKU. Raises Conflict(cart_locked)."""
    refuse_locked(cart)
    return replace(cart, items={each: n for each, n in cart.items.items() if each != sku}, touched_at=now)


def with_code(cart: Cart, code: str, now: datetime) -> Cart:
    """The cart with this code. Raises Conflict(cart_locked), Invalid(bad_code, too_many_codes)."""
    refuse_locked(cart)
    return replace(cart, codes=distinct([*cart.codes, code]), touched_at=now)


def without_code(cart: Cart, code: str, now: datetime) -> Cart:
    """The cart without this code. Raises Conflict(cart_locked)."""
    refuse_locked(cart)
    return replace(cart, codes=tuple(each for each in cart.codes if folded(each) != folded(code)), touched_at=now)


def merged(mine: Cart, guests: Cart, now: datetime) -> Cart:
    """The customer's cart with the guest's items added.

    Quantities are added up and cut off at MAX_QUANTITY; SKUs beyond MAX_LINES and codes beyond MAX_CODES are dropped.
    """
    items = dict(mine.items)
    for sku, quantity in guests.items.items():
        if sku in items or len(items) < MAX_LINES:
            items[sku] = min(items.get(sku, 0) + quantity, MAX_QUANTITY)
    more = [code for code in guests.codes if folded(code) not in set(map(folded, mine.codes))]
    return replace(mine, items=items, codes=(*mine.codes, *more)[:MAX_CODES], touched_at=now)
