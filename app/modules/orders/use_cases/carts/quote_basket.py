"""Quote a basket: what an order of it would cost now."""

from collections.abc import Mapping

from app.modules.orders.domain.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.order import refuse_unpayable
from app.modules.orders.domain.price import Priced, price
from app.modules.orders.ports import UnitOfWork


def quote_basket(uow: UnitOfWork, basket: Mapping[str, RequestedItem]) -> Priced:
    """The lines and totals that an order of this basket would have now. Nothing is stored or reserved.

    Raises Invalid(unknown_sku, not_on_sale, empty_order, mixed_currencies, total_too_small, total_too_large,
    total_not_payable), Conflict(offer_not_known_yet).
    """
    offers = uow.offers.of(basket)
    refuse_unsold(basket, offers)
    priced = price(basket, offers)
    refuse_unpayable(priced.totals)
    return priced
