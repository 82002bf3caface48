"""Show the cart with current prices, and its problems."""

from collections.abc import Mapping

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.carts.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.carts.cart import Cart
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import Priced, price
from app.modules.orders.domain.carts.priced_cart import PricedCart, PricedLine, Problem
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.with_buyer import with_buyer


def show_cart(uow: UnitOfWork, cart: Cart) -> PricedCart:
    """The cart with the last known prices and availability. Lines that cannot be ordered are problems, not errors."""
    offers = uow.offers.with_availability(cart.items) if cart.items else {}
    lines = [PricedLine(sku, quantity, offers.get(sku)) for sku, quantity in cart.items.items()]
    basket, problems = dict[str, RequestedItem](), list[Problem]()
    for line in lines:
        requested = {line.sku: RequestedItem(line.quantity)}
        try:
            refuse_unsold(requested, offers)
        except Invalid as refused:
            problems.append(Problem(refused.code, refused.sentence, line.sku))
        else:
            basket |= requested
    priced, problems_of_total = _priced(uow, cart, basket, offers)
    return PricedCart(cart, lines, priced, problems + problems_of_total)


def _priced(
    uow: UnitOfWork, cart: Cart, basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer]
) -> tuple[Priced | None, list[Problem]]:
    if not basket:
        return None, []
    promotions = uow.promotions.in_force(cart.codes, cart.customer_id, uow.now)
    tax = with_buyer(uow, uow.tax.rules(None), cart.customer_id)
    try:
        return price(basket, offers, promotions=promotions, tax=tax), []
    except (Invalid, Conflict) as refused:
        return None, [Problem(refused.code, refused.sentence)]
