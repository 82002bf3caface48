"""Add the code of a coupon to the cart."""

from app.kernel.errors import Invalid
from app.modules.orders.domain.carts.cart import Holder, with_code
from app.modules.orders.domain.carts.priced_cart import PricedCart
from app.modules.orders.domain.promotions.codes import folded, shown
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart
from app.modules.orders.use_cases.carts.put_in_cart import save_cart
from app.modules.orders.use_cases.carts.show_cart import show_cart


def use_code(uow: UnitOfWork, holder: Holder, typed: str) -> tuple[PricedCart, str | None]:
    """The cart with this code, and a token if a cart was created for a guest.

    An unknown code is refused only at the end, so that it costs as much time as a known one.
    Raises Invalid(bad_code, too_many_codes, unknown_code), Conflict(cart_locked), Stale.
    """
    code = shown(typed)
    cart, token = save_cart(uow, with_code(find_cart(uow, holder), code, uow.now))
    shown_cart = show_cart(uow, cart)
    if folded(code) not in {each.code for each in uow.promotions.in_force([code], None, uow.now).candidates}:
        raise Invalid("unknown_code", "there is no such code: look for a typing error")
    return shown_cart, token
