"""Show the cart with prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.money import Money
from app.modules.orders.domain.basket import Wish
from app.modules.orders.domain.cart import Cart
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.order import lines_of, totals_of
from app.modules.orders.ports import Work


@dataclass(frozen=True)
class Priced:
    """A cart as it would be ordered now. `total` leaves out what is no longer sold; None: nothing adds up."""

    cart: Cart
    lines: Sequence[tuple[Offer, int]]
    total: Money | None


def show_cart(work: Work, cart: Cart) -> Priced:
    """The cart at the prices, and with the availability, that we last heard of."""
    offers = work.offers.shown(cart.items) if cart.items else {}
    lines = [(offers[sku], quantity) for sku, quantity in cart.items.items() if sku in offers]
    basket = {offer.sku: Wish(quantity) for offer, quantity in lines if offer.on_sale}
    one_currency = len({offers[sku].price.currency for sku in basket}) == 1
    return Priced(cart, lines, totals_of(lines_of(basket, offers)).total if one_currency else None)
