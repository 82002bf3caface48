"""Put something in the cart."""

import secrets
from dataclasses import replace

from app.modules.orders.domain.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.cart import Cart, Holder, hash_of, with_item
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart


def put_in_cart(uow: UnitOfWork, holder: Holder, sku: str, quantity: int) -> tuple[Cart, str | None]:
    """Set the quantity of a sku in the cart; a guest without a cart gets one, and its token, which is told only now.

    A token we do not know opens nothing and is replaced: nobody chooses their own.
    Raises Invalid(unknown_sku, not_on_sale, cart_full), Conflict(cart_locked), Stale.
    """
    refuse_unsold({sku: RequestedItem(quantity)}, uow.offers.of([sku]))
    cart = with_item(find_cart(uow, holder), sku, quantity, uow.now)
    if cart.customer_id or cart.token_hash:
        return uow.carts.save(cart), None
    token = secrets.token_urlsafe(32)
    return uow.carts.save(replace(cart, token_hash=hash_of(token))), token
