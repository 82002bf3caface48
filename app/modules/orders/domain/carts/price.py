"""The price of a basket. Cart, quote and placing call `price`, and nothing else adds up money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.kernel.errors import Invalid
from app.kernel.money import CHARGES, MAX_AMOUNT, Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.orders.order import Line, Totals
from app.modules.orders.domain.promotions.candidate import NO_PROMOTIONS, Discount, GivenCode, Promotions
from app.modules.orders.domain.promotions.discounting import Discounted, discounted, shipping_discounted
from app.modules.orders.domain.promotions.promotion import Goods
from app.modules.orders.domain.shipping.shipping import Method, Parcel
from app.modules.orders.domain.tax.question import AskedLine, TaxAnswer, TaxQuestion
from app.modules.orders.domain.tax.rules import NO_TAX, PROPORTIONAL, STANDARD, TaxRules
from app.modules.orders.domain.tax.taxed import SHIPPING, Sorts, TaxLine, target_of, taxed, with_tax
from app.modules.orders.domain.tax.treatment import without_home_tax


@dataclass(frozen=True, kw_only=True)
class Priced:
    """The lines of a basket at their prices, sorted by SKU, and the totals that they come to.

    `discounts`: what each promotion takes off each line and the shipping. `codes`: what became of each given code.
    """

    lines: tuple[Line, ...]
    totals: Totals
    discounts: tuple[Discount, ...] = ()
    codes: tuple[GivenCode, ...] = ()
    ships: bool = False  # whether anything does
    tax_lines: tuple[TaxLine, ...] = ()
    question: TaxQuestion | None = None  # a provider has to answer it before the tax is known
    calculation: str = ""  # the provider's name of its answer

    def answered(self, answer: TaxAnswer) -> "Priced":
        """With the tax of the answer, whose amounts are taken as they are. Raises Invalid(total_too_large)."""
        assert self.question, "it has to be asked"
        lines, totals = with_tax(self.lines, self.totals, answer.lines, self.question.included)
        return replace(
            self,
            lines=lines,
            totals=totals,
            tax_lines=answer.lines,
            question=None,
            calculation=answer.calculation,
        )


@dataclass(frozen=True, kw_only=True)
class PricedGoods:
    """The lines of a basket with their discounts; how they are shipped is not decided. `items`: before discounts."""

    offers: Mapping[str, Offer]
    promotions: Promotions
    tax: TaxRules
    lines: tuple[Line, ...]
    items: Money
    off: Discounted
    weight_g: int  # of what ships

    @property
    def ships(self) -> bool:
        return any(line.ships for line in self.lines)

    @property
    def parcel(self) -> Parcel:
        """What the rates of shipping measure: the goods after discounts, and the weight of those that ship."""
        goods = self.items.amount - sum(line.discount for line in self.lines)
        return Parcel(goods=Money(goods, self.items.currency), weight_g=self.weight_g)

    def shipped_by(self, method: Method | None) -> Priced:
        """The whole price with this method, which must be for them, or without any. Raises what `price` raises."""
        currency, off, shipping = self.items.currency, self.off, Money(0, self.items.currency)
        if method is not None:
            shipping = _shipping(self.parcel, method, self.tax)
            if self.promotions.candidates:
                off = shipping_discounted(off, shipping.amount, currency, self.promotions)
        priced = Priced(
            lines=self.lines,
            totals=_totals(self.items, shipping, off),
            discounts=off.discounts,
            codes=off.codes,
            ships=self.ships,
        )
        return priced if self.tax.policy.is_off else _taxed(priced, self.offers, method, self.tax)


def price(
    basket: Mapping[str, RequestedItem],
    offers: Mapping[str, Offer],
    method: Method | None = None,
    *,
    promotions: Promotions = NO_PROMOTIONS,
    tax: TaxRules = NO_TAX,
) -> Priced:
    """Price a basket: goods, their discounts, then shipping by this method, which must be for them, its discounts, then
    tax. Every SKU must have an offer. All amounts are whole numbers of the smallest unit. Where a provider computes
    tax, there is none yet, but a question to it.

    Raises Invalid(empty_order, mixed_currencies, total_too_large), Conflict(tax_rate_missing).
    """
    return price_goods(basket, offers, promotions=promotions, tax=tax).shipped_by(method)


def price_goods(
    basket: Mapping[str, RequestedItem], offers: Mapping[str, Offer], *, promotions: Promotions, tax: TaxRules
) -> PricedGoods:
    """The part of `price` that all methods share. Raises Invalid(empty_order, mixed_currencies, total_too_large)."""
    bought = [(_at_place(offers[sku], tax), requested.quantity) for sku, requested in sorted(basket.items())]
    items = _items(bought)
    off = _discounted(bought, items.currency, promotions)
    lines = tuple(
        Line(
            sku=offer.sku,
            name=offer.name,
            quantity=quantity,
            unit_price=offer.price,
            ships=offer.ships,
            discount=discount,
        )
        for (offer, quantity), discount in zip(bought, off.lines, strict=True)
    )
    return PricedGoods(
        offers=offers,
        promotions=promotions,
        tax=tax,
        lines=lines,
        items=items,
        off=off,
        weight_g=sum(offer.weight_g * quantity for offer, quantity in bought if offer.ships),
    )


def _at_place(offer: Offer, tax: TaxRules) -> Offer:
    """The offer at the price that it has where the order goes."""
    if tax.policy.is_off or tax.policy.is_asked:
        return offer
    price = without_home_tax(tax, offer.price, offer.tax_category, offer.ships)
    return offer if price == offer.price else replace(offer, price=price)


def _shipping(parcel: Parcel, method: Method, tax: TaxRules) -> Money:
    shipping = method.price_of(parcel)
    assert shipping is not None, "the method is not for these goods"
    if tax.policy.is_asked:
        return shipping
    category = STANDARD if method.tax_category == PROPORTIONAL else method.tax_category
    return without_home_tax(tax, shipping, category, is_sent=True)


def _taxed(priced: Priced, offers: Mapping[str, Offer], method: Method | None, tax: TaxRules) -> Priced:
    bases = {line.sku: line.unit_price.amount * line.quantity - line.discount for line in priced.lines}
    shipping = priced.totals.shipping.amount - sum(each.amount for each in priced.discounts if each.target == SHIPPING)
    sorts = Sorts({sku: offers[sku].tax_category for sku in bases}, method.tax_category if method else "")
    if tax.policy.is_asked:
        return replace(priced, question=_question(priced, bases, shipping, sorts, tax))
    lines, totals, found = taxed(priced.lines, priced.totals, bases, shipping, sorts, tax)
    return replace(priced, lines=lines, totals=totals, tax_lines=found)


def _question(priced: Priced, bases: Mapping[str, int], shipping: int, sorts: Sorts, tax: TaxRules) -> TaxQuestion:
    asked = [
        AskedLine(
            target=target_of(line.sku),
            quantity=line.quantity,
            amount=bases[line.sku],
            category=sorts.goods[line.sku],
            is_sent=line.ships,
        )
        for line in priced.lines
    ]
    if sorts.shipping:
        asked.append(AskedLine(target=SHIPPING, amount=shipping, category=sorts.shipping))
    return TaxQuestion(
        lines=tuple(asked),
        currency=priced.totals.items.currency,
        included=tax.policy.is_gross,
        place=tax.place,
        buyer=tax.buyer,
        is_exempt=tax.is_exempt,
        today=tax.today,
    )


def _discounted(bought: Sequence[tuple[Offer, int]], currency: str, promotions: Promotions) -> Discounted:
    if not (promotions.candidates or promotions.unknown):
        return Discounted(lines=(0,) * len(bought))
    goods = [
        Goods(
            sku=offer.sku,
            product_id=offer.product_id,
            category=offer.category,
            unit_price=offer.price.amount,
            quantity=quantity,
        )
        for offer, quantity in bought
    ]
    return discounted(goods, currency, promotions)


def _items(bought: Sequence[tuple[Offer, int]]) -> Money:
    if not bought:
        raise Invalid("empty_order", "an order needs at least one item: the cart or the list of items is empty")
    currencies = sorted({offer.price.currency for offer, _ in bought})
    if len(currencies) > 1:
        raise Invalid("mixed_currencies", f"{' and '.join(currencies)} in one order: place one order per currency")
    return _money(sum(offer.price.amount * quantity for offer, quantity in bought), currencies[0])


def _totals(items: Money, shipping: Money, off: Discounted) -> Totals:
    discount, none = Money(sum(each.amount for each in off.discounts), items.currency), Money(0, items.currency)
    total = _money(items.amount + shipping.amount + none.amount - discount.amount, items.currency)
    return Totals(items=items, shipping=shipping, tax=none, discount=discount, total=total)


def _money(amount: int, currency: str) -> Money:
    if amount > MAX_AMOUNT:
        raise Invalid("total_too_large", f"the maximum total is {Money(MAX_AMOUNT, currency)}: order less")
    return Money(amount, currency)


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
        sentence = f"the total is {total}, and the minimum is {minimum}: order more"
        raise Invalid("total_too_small", sentence, _limit("minimum", minimum))
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
