"""Quote a basket: what an order of it would cost now, and how it could be shipped."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.orders.domain.carts.basket import RequestedItem, basket_of_cart, refuse_unsold
from app.modules.orders.domain.carts.cart import Holder
from app.modules.orders.domain.carts.price import PricedGoods, price_goods, refuse_unpayable
from app.modules.orders.domain.carts.quote import Delivery, InUse, Quote, chosen_of
from app.modules.orders.domain.promotions.candidate import Promotions
from app.modules.orders.domain.shipping.shipping import Method
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.carts.find_cart import find_cart
from app.modules.orders.use_cases.tax.with_buyer import with_buyer

UNDECIDED = Delivery()


def quote_basket(
    uow: UnitOfWork,
    basket: Mapping[str, RequestedItem],
    delivery: Delivery = UNDECIDED,
    codes: Sequence[str] = (),
    customer_id: UUID | None = None,
) -> Quote:
    """The lines and totals that an order of this basket would have now, with each shipping method that is for it, and
    the discounts of the promotions in force and of these codes. Nothing is stored or reserved. While no method is
    active, or if nothing has to be sent, there is nothing to choose.

    Raises Invalid(unknown_sku, not_on_sale, empty_order, mixed_currencies, total_too_small, total_too_large,
    total_not_payable, address_needed, not_shipped_there, unknown_shipping_method), Conflict(offer_not_known_yet,
    tax_rate_missing).
    """
    in_use, promotions = uow.in_use(), Promotions(at=uow.now)
    if in_use.promotions or codes:
        promotions = uow.promotions.in_force(codes, customer_id, uow.now)
    return quote_with(uow, basket, delivery, promotions, in_use, customer_id)


def quote_cart(uow: UnitOfWork, holder: Holder, delivery: Delivery, codes: Sequence[str] | None) -> Quote:
    """Quote the caller's cart, with these codes or else its own. Raises what quote_basket raises."""
    cart = find_cart(uow, holder)
    given = cart.codes if codes is None else codes
    return quote_basket(uow, basket_of_cart(cart), delivery, given, cart.customer_id)


def quote_with(
    uow: UnitOfWork,
    basket: Mapping[str, RequestedItem],
    delivery: Delivery,
    promotions: Promotions,
    in_use: InUse,
    customer_id: UUID | None = None,
) -> Quote:
    """As quote_basket, with these promotions."""
    offers = uow.offers.of(basket)
    refuse_unsold(basket, offers)
    promotions = replace(promotions, ship_to=delivery.destination.country if delivery.destination else "")
    ships = any(offers[sku].ships for sku in basket)
    tax = with_buyer(uow, uow.tax.rules(delivery.tax_place(ships)), customer_id)
    goods = price_goods(basket, offers, promotions=promotions, tax=tax)
    if not (goods.ships and in_use.shipping):
        if delivery.method is not None:
            raise Invalid("unknown_shipping_method", "nothing of this has to be shipped: leave shipping_method out")
        return _answered(uow, Quote(priced=goods.shipped_by(None), promotions=promotions, buyer=tax.buyer))

    @cache
    def collected() -> PricedGoods:
        """What is handed over at home: its prices may differ, where no tax is charged at the other place."""
        return goods if tax.policy.is_off else price_goods(basket, offers, promotions=promotions, tax=tax.at_home)

    def goods_for(method: Method) -> PricedGoods:
        return goods if method.needs_address else collected()

    zone_id = uow.shipping.zone_for(delivery.destination) if delivery.destination else None
    methods = [each for each in uow.shipping.methods_for(zone_id) if each.price_of(goods_for(each).parcel) is not None]
    method = chosen_of(methods, delivery)
    chosen = goods_for(method) if method is not None else goods
    quote = Quote(
        priced=chosen.shipped_by(method),
        promotions=promotions,
        ships=True,
        method=method,
        choices=tuple((each, goods_for(each)) for each in methods),
        buyer=chosen.tax.buyer,
    )
    return _answered(uow, quote)


def _answered(uow: UnitOfWork, quote: Quote) -> Quote:
    """With the tax that the provider was asked about before. Raises as `refuse_unpayable` once the tax is known."""
    if quote.question is not None:
        stored = uow.tax_quotes.find(quote.question.fingerprint)
        return quote.answered(stored) if stored else quote
    if quote.method is not None or not quote.ships:
        refuse_unpayable(quote.priced.totals)
    return quote
