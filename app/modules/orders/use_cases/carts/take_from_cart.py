"""Take something out of the cart, or everything."""

from dataclasses import replace

from app.modules.orders.domain.cart import Holder, refuse_locked, without_item
from app.modules.orders.ports import Work
from app.modules.orders.use_cases.carts.find_cart import find_cart


def take_from_cart(work: Work, holder: Holder, sku: str) -> None:
    """Have none of a sku in the cart; where there is none, nothing changes. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(work, holder)
    after = without_item(cart, sku, work.now)
    if after.items != cart.items:
        work.carts.save(after)


def empty_cart(work: Work, holder: Holder) -> None:
    """Have nothing in the cart. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(work, holder)
    refuse_locked(cart)
    if cart.items:
        work.carts.save(replace(cart, items={}, touched_at=work.now))
