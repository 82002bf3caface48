"""Set the quantity of a SKU in the cart."""

import secrets
from dataclasses import replace

from app.modules.orders.domain.carts.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.carts.cart import Cart, Holder, hash_of, with_item
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart


def put_in_cart(uow: UnitOfWork, holder: Holder, sku: str, quantity: int) -> tuple[Cart, str | None]:
    """Set the quantity of a SKU in the cart. Returns the cart, and a token if a cart was created for a guest.

    Only the hash of the token is stored, so it is returned only this once. An unknown token is replaced by a new one:
    a client cannot choose its token.
    Raises Invalid(unknown_sku, not_on_sale, cart_full), Conflict(cart_locked), Stale.
    """
    refuse_unsold({sku: RequestedItem(quantity)}, uow.offers.of([sku]))
    return save_cart(uow, with_item(find_cart(uow, holder), sku, quantity, uow.now))


def save_cart(uow: UnitOfWork, cart: Cart) -> tuple[Cart, str | None]:
    """Save a cart, with a token if it is new and a guest's. Raises Stale."""
    if cart.customer_id or cart.token_hash:
        return uow.carts.save(cart), None
    token = secrets.token_urlsafe(32)
    return uow.carts.save(replace(cart, token_hash=hash_of(token))), token
