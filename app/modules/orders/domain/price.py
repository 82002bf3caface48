"""The price of a basket. Cart, quote and placing call `price`, and nothing else adds up money."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import Invalid
from app.kernel.money import MAX_AMOUNT, Money
from app.modules.orders.domain.basket import RequestedItem
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.order import Line, Totals


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The lines of a basket at their prices, sorted by SKU, and the totals that they come to."""

    lines: tuple[Line, ...]
    totals: Totals


def price(basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer]) -> Priced:
    """Price a basket. Every SKU must have an offer. All amounts are whole numbers of the smallest unit.

    Shipping, tax and discount are zero for now. Raises Invalid(empty_order, mixed_currencies, total_too_large).
    """
    lines = tuple(
        Line(sku=sku, name=offers[sku].name, quantity=requested.quantity, unit_price=offers[sku].price)
        for sku, requested in sorted(basket.items())
    )
    return Priced(lines=lines, totals=_totals(lines))


def _totals(lines: tuple[Line, ...]) -> Totals:
    if not lines:
        raise Invalid("empty_order", "an order needs at least one item: the cart or the list of items is empty")
    currencies = sorted({line.unit_price.currency for line in lines})
    if len(currencies) > 1:
        raise Invalid("mixed_currencies", f"{' and '.join(currencies)} in one order: place one order per currency")
    if (total := sum(line.unit_price.amount * line.quantity for line in lines)) > MAX_AMOUNT:
        raise Invalid("total_too_large", f"the maximum total is {Money(MAX_AMOUNT, currencies[0])}: order less")
    items = Money(total, currencies[0])
    none = Money(0, items.currency)
    return Totals(items=items, shipping=none, tax=none, discount=none, total=items + none + none - none)
