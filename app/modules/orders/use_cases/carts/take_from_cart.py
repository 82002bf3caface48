"""Take something out of the cart, or everything."""

from dataclasses import replace

from app.modules.orders.domain.cart import Holder, refuse_locked, without_item
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart


def take_from_cart(uow: UnitOfWork, holder: Holder, sku: str) -> None:
    """Have none of a sku in the cart; where there is none, nothing changes. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(uow, holder)
    after = without_item(cart, sku, uow.now)
    if after.items != cart.items:
        uow.carts.save(after)


def empty_cart(uow: UnitOfWork, holder: Holder) -> None:
    """Have nothing in the cart. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(uow, holder)
    refuse_locked(cart)
    if cart.items:
        uow.carts.save(replace(cart, items={}, touched_at=uow.now))
