"""The price of a basket. Cart, quote and placing call `price`, and nothing else adds up money."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.kernel.errors import Invalid
from app.kernel.money import CHARGES, MAX_AMOUNT, Money
from app.modules.orders.domain.basket import RequestedItem
from app.modules.orders.domain.offer import Offer
from app.modules.orders.domain.order import Line, Totals
from app.modules.orders.domain.shipping import Method, Parcel
from app.modules.orders.domain.tax.rules import NO_TAX, PROPORTIONAL, STANDARD, TaxRules
from app.modules.orders.domain.tax.taxed import Sorts, TaxLine, taxed
from app.modules.orders.domain.tax.treatment import without_home_tax


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The lines of a basket at their prices, sorted by SKU, and the totals that they come to."""

    lines: tuple[Line, ...]
    totals: Totals
    weight_g: int = 0  # of what ships
    ships: bool = False  # whether anything does
    tax_lines: tuple[TaxLine, ...] = ()

    @property
    def parcel(self) -> Parcel:
        """What the rates of shipping measure: all goods, and the weight of those that ship."""
        return Parcel(goods=self.totals.items, weight_g=self.weight_g)


def price(
    basket: Mapping[str, RequestedItem],
    offers: Mapping[str, Offer],
    method: Method | None = None,
    *,
    tax: TaxRules = NO_TAX,
) -> Priced:
    """Price a basket: goods, then shipping by this method, which must be for them, then tax. Every SKU must have an
    offer. All amounts are whole numbers of the smallest unit.

    Discount is zero for now. Raises Invalid(empty_order, mixed_currencies, total_too_large),
    Conflict(tax_rate_missing).
    """
    lines = tuple(
        Line(sku=sku, name=offer.name, quantity=requested.quantity, unit_price=unit_price, ships=offer.ships)
        for sku, requested in sorted(basket.items())
        for offer in [offers[sku]]
        for unit_price in [without_home_tax(tax, offer.price, offer.tax_category, offer.ships)]
    )
    weights = [offers[sku].weight_g * requested.quantity for sku, requested in basket.items() if offers[sku].ships]
    priced = Priced(lines=lines, totals=_totals(lines), weight_g=sum(weights), ships=bool(weights))
    if method:
        priced = _shipped(priced, method, tax)
    return priced if tax.policy.is_off else _taxed(priced, offers, method, tax)


def _shipped(priced: Priced, method: Method, tax: TaxRules) -> Priced:
    shipping, totals = method.price_of(priced.parcel), priced.totals
    assert shipping is not None, "the method is not for these goods"
    category = STANDARD if method.tax_category == PROPORTIONAL else method.tax_category
    shipping = without_home_tax(tax, shipping, category, is_sent=True)
    if totals.total.amount + shipping.amount > MAX_AMOUNT:
        raise Invalid("total_too_large", f"the maximum total is {Money(MAX_AMOUNT, shipping.currency)}: order less")
    return replace(priced, totals=replace(totals, shipping=shipping, total=totals.total + shipping))


def _taxed(priced: Priced, offers: Mapping[str, Offer], method: Method | None, tax: TaxRules) -> Priced:
    bases = {line.sku: line.unit_price.amount * line.quantity - line.discount for line in priced.lines}
    sorts = Sorts({sku: offers[sku].tax_category for sku in bases}, method.tax_category if method else "")
    lines, totals, found = taxed(priced.lines, priced.totals, bases, priced.totals.shipping.amount, sorts, tax)
    return replace(priced, lines=lines, totals=totals, tax_lines=found)


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


def refuse_unpayable(totals: Totals) -> None:
    """Raises Invalid(total_too_small, total_too_large, total_not_payable) for a total that no provider can charge.

    The limits of each currency are in kernel/money. A total of zero is accepted.
    """
    total = totals.total
    charge = CHARGES.get(total.currency)
    if total.amount == 0 or (charge and charge.takes(total.amount)):
        return
    if charge and total.amount < charge.minimum:
        minimum = Money(charge.minimum, total.currency)
        raise Invalid(
            "total_too_small",
            f"the total is {total}, and the minimum is {minimum}: order more",
            _limit("minimum", minimum),
        )
    if charge and total.amount > charge.maximum:
        maximum = Money(charge.maximum, total.currency)
        raise Invalid(
            "total_too_large",
            f"the total is {total}, and the maximum is {maximum}: order less",
            _limit("maximum", maximum),
        )
    raise Invalid("total_not_payable", f"the total of {total} cannot be charged in that currency")


def _limit(name: str, limit: Money) -> dict[str, object]:
    return {name: {"amount": limit.amount, "currency": limit.currency}}
