"""Remove one SKU or everything from the cart."""

from dataclasses import replace

from app.modules.orders.domain.carts.cart import Holder, refuse_locked, without_code, without_item
from app.modules.orders.domain.promotions.codes import shown
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart


def take_from_cart(uow: UnitOfWork, holder: Holder, sku: str) -> None:
    """Remove a SKU from the cart; nothing changes if it is not in it. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(uow, holder)
    after = without_item(cart, sku, uow.now)
    if after.items != cart.items:
        uow.carts.save(after)


def take_code_from_cart(uow: UnitOfWork, holder: Holder, typed: str) -> None:
    """Remove a code from the cart; nothing changes if it is not in it. Raises Conflict(cart_locked), Invalid(bad_code),
    Stale.
    """
    cart = find_cart(uow, holder)
    after = without_code(cart, shown(typed), uow.now)
    if after.codes != cart.codes:
        uow.carts.save(after)


def empty_cart(uow: UnitOfWork, holder: Holder) -> None:
    """Remove all SKUs and codes from the cart. Raises Conflict(cart_locked), Stale."""
    cart = find_cart(uow, holder)
    refuse_locked(cart)
    if cart.items or cart.codes:
        uow.carts.save(replace(cart, items={}, codes=(), touched_at=uow.now))
