"""Quote a basket: what an order of it would cost now, and how it could be shipped."""

from collections.abc import Mapping
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.orders.domain.basket import RequestedItem, refuse_unsold
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.price import Priced, price, refuse_unpayable
from app.modules.orders.domain.quote import Delivery, Quote, chosen_of
from app.modules.orders.domain.shipping import Parcel
from app.modules.orders.domain.tax.rules import TaxRules
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.with_buyer import with_buyer

UNDECIDED = Delivery()


def quote_basket(
    uow: UnitOfWork,
    basket: Mapping[str, RequestedItem],
    delivery: Delivery = UNDECIDED,
    customer_id: UUID | None = None,
) -> Quote:
    """The lines and totals that an order of this basket would have now, with each shipping method that is for it.
    Nothing is stored or reserved. While no method is active, or if nothing has to be sent, there is nothing to choose.

    Raises Invalid(unknown_sku, not_on_sale, empty_order, mixed_currencies, total_too_small, total_too_large,
    total_not_payable, address_needed, not_shipped_there, unknown_shipping_method), Conflict(offer_not_known_yet,
    tax_rate_missing).
    """
    offers = uow.offers.of(basket)
    refuse_unsold(basket, offers)
    ships = any(offers[sku].ships for sku in basket)
    tax = with_buyer(uow, uow.tax.rules(delivery.tax_place(ships)), customer_id)
    priced = price(basket, offers, tax=tax)
    if not (priced.ships and uow.shipping.is_used()):
        if delivery.method is not None:
            raise Invalid("unknown_shipping_method", "nothing of this has to be shipped: leave shipping_method out")
        refuse_unpayable(priced.totals)
        return Quote(priced=priced, buyer=tax.buyer)
    zone_id = uow.shipping.zone_for(delivery.destination) if delivery.destination else None
    rules = {True: tax, False: tax.at_home}  # by whether a method needs an address
    methods = [
        method
        for method in uow.shipping.methods_for(zone_id)
        for parcel in [_parcel(basket, offers, priced, tax, rules[method.needs_address])]
        if method.price_of(parcel) is not None
    ]
    method = chosen_of(methods, delivery)
    if method is not None:
        priced = price(basket, offers, method, tax=rules[method.needs_address])
        refuse_unpayable(priced.totals)
    offered = tuple((each, price(basket, offers, each, tax=rules[each.needs_address])) for each in methods)
    buyer = rules[method.needs_address].buyer if method else tax.buyer
    return Quote(priced=priced, ships=True, method=method, offered=offered, buyer=buyer)


def _parcel(
    basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer], priced: Priced, tax: TaxRules, other: TaxRules
) -> Parcel:
    """What these rules make of the basket: prices may differ where no tax is charged."""
    return priced.parcel if other is tax or tax.policy.is_off else price(basket, offers, tax=other).parcel
