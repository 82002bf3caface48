"""Place an order of the cart."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.kernel.money import Money
from app.modules.orders.domain.carts.basket import basket_of_cart
from app.modules.orders.domain.carts.cart import Holder, refuse_locked
from app.modules.orders.domain.orders.contact import NOBODY, Contact
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart
from app.modules.orders.use_cases.orders.place_order import Placed, place_order


def order_cart(
    uow: UnitOfWork,
    id: UUID,
    customer_id: UUID,
    token: str | None,
    expected: Money,
    contact: Contact = NOBODY,
    shipping_method: str | None = None,
    codes: Sequence[str] | None = None,
) -> Placed:
    """Place an order of the customer's cart, with these codes or else its own. The order locks the cart until it is
    confirmed or cancelled.

    Raises what place_order raises, Conflict(cart_locked), and Stale if the cart was changed in the meantime.
    """
    cart = find_cart(uow, Holder(customer_id, token))
    refuse_locked(cart)
    # The cart is saved first: a parallel request that orders the same cart conflicts with this one on the cart's row.
    uow.carts.save(replace(cart, order_id=id, touched_at=uow.now))
    given = cart.codes if codes is None else codes
    return place_order(uow, id, customer_id, basket_of_cart(cart), expected, cart.id, contact, shipping_method, given)
