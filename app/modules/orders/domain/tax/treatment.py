"""Which rates apply to a thing, or why none does."""

from dataclasses import dataclass

from app.kernel.errors import Conflict
from app.kernel.money import CHARGES, Charge, Money
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.rounding import half_up
from app.modules.orders.domain.tax.rules import (
    EU,
    MILLION,
    STANDARD,
    ExportPrice,
    NumberState,
    Reason,
    TaxRate,
    TaxRules,
)

UNTAXED = frozenset(
    {
        Reason.EXPORT,
        Reason.INTRA_COMMUNITY_SUPPLY,
        Reason.REVERSE_CHARGE,
        Reason.CUSTOMER_EXEMPT,
        Reason.NOT_COLLECTING,
    }
)


@dataclass(frozen=True, order=True)
class Component:
    """One rate that applies, or the reason why tax is zero."""

    jurisdiction: str
    name: str
    ppm: int
    reason: Reason


Treatment = tuple[Component, ...]  # never empty; all of it applies at once


def treatment_of(rules: TaxRules, category: str, is_sent: bool) -> Treatment:
    """The rates of this category at the place, or one zero with its reason. `is_sent`: it is goods, not a service.

    Raises Conflict(tax_rate_missing): the shop collects there, but no rate is in force.
    """
    place, home = rules.place, rules.policy.home
    if _is_taxed_by_buyer(rules):
        return _zero(place, Reason.INTRA_COMMUNITY_SUPPLY if is_sent else Reason.REVERSE_CHARGE)
    if not rules.collects_in(place):
        leaves = place.country != home.country and not {place.country, home.country} <= EU
        is_export = is_sent and leaves and rules.collects_in(home)
        return _zero(place, Reason.EXPORT if is_export else Reason.NOT_COLLECTING)
    if rules.is_exempt:
        return _zero(place, Reason.CUSTOMER_EXEMPT)
    rates = _rates(rules, place, category)
    if not rates:
        sentence = f"no tax rate is in force in {place.ship_to}, where the shop collects tax: it has to add one"
        raise Conflict("tax_rate_missing", sentence)
    return tuple(sorted(Component(each.jurisdiction, each.name, each.ppm, each.reason) for each in rates))


def without_home_tax(rules: TaxRules, price: Money, category: str, is_sent: bool) -> Money:
    """The price at which a thing is sold: where no tax is charged, a gross price may lose that of the home country."""
    policy = rules.policy
    if policy.is_off or not policy.is_gross or policy.export_price is ExportPrice.SAME:
        return price
    if any(each.reason not in UNTAXED for each in treatment_of(rules, category, is_sent)):
        return price
    if not rules.collects_in(policy.home):
        return price
    ppm = sum(each.ppm for each in _rates(rules, policy.home, category))
    unit = CHARGES.get(price.currency, Charge()).step
    return Money(half_up(price.amount * MILLION, (MILLION + ppm) * unit) * unit, price.currency)


def _is_taxed_by_buyer(rules: TaxRules) -> bool:
    """Whether the buyer owes the tax: a business with a valid number in another country of the EU. In any doubt, no."""
    place, home, buyer = rules.place, rules.policy.home, rules.buyer
    return (
        buyer is not None
        and buyer.state is NumberState.VALID
        and buyer.country == place.country != home.country
        and {place.country, home.country} <= EU
        and rules.collects_in(home)
    )


def _rates(rules: TaxRules, place: Destination, category: str) -> list[TaxRate]:
    """The rates of the category at the place, or of the standard category if it has none there.

    Rates of different names apply together. Of one name, the one of the most specific place applies.
    """
    there = [each for each in rules.rates if each.has(place)]
    of_category = [each for each in there if each.category == category]
    found = of_category or [each for each in there if each.category == STANDARD]
    by_name: dict[str, TaxRate] = {}
    for rate in sorted(found, key=lambda each: each.detail):
        by_name[rate.name] = rate
    return list(by_name.values())


def _zero(place: Destination, reason: Reason) -> Treatment:
    return (Component(place.ship_to, "", 0, reason),)
