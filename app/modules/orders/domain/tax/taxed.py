"""Computes the tax of an order, line by line."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.kernel.errors import Invalid
from app.kernel.money import CHARGES, MAX_AMOUNT, Charge, Money
from app.modules.orders.domain.carts.shares import allocated
from app.modules.orders.domain.orders.order import Line, Totals
from app.modules.orders.domain.tax.rounding import half_up, shared
from app.modules.orders.domain.tax.rules import MILLION, PROPORTIONAL, Reason, Rounding, TaxRules
from app.modules.orders.domain.tax.treatment import Component, Treatment, treatment_of

SHIPPING = "shipping"


@dataclass(frozen=True, kw_only=True)
class TaxLine:
    """The tax of one target at one rate, also if it is zero. `target`: line:SKU, or shipping. `base`: without tax.

    `n` counts the lines of a target. `included`: whether the price had the tax in it.
    """

    target: str
    n: int
    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    base: int
    amount: int
    included: bool
    engine: str = "internal"


@dataclass(frozen=True)
class Taxable:
    """An amount after discounts, and what applies to it."""

    target: str
    amount: int
    treatment: Treatment


def taxed(
    lines: tuple[Line, ...], totals: Totals, bases: Mapping[str, int], shipping: int, sorts: "Sorts", rules: TaxRules
) -> tuple[tuple[Line, ...], Totals, tuple[TaxLine, ...]]:
    """The lines with their tax, the totals with it, and the tax lines. `bases`: of each SKU, after discounts.

    `shipping`: its price after discounts. Raises Conflict(tax_rate_missing), Invalid(total_too_large).
    """
    kinds = {(sorts.goods[line.sku], line.ships) for line in lines}
    treatments = {kind: treatment_of(rules, *kind) for kind in kinds}
    goods = [
        Taxable(target_of(line.sku), bases[line.sku], treatments[sorts.goods[line.sku], line.ships]) for line in lines
    ]
    sent = shipping_taxables(goods, shipping, sorts.shipping, rules) if sorts.shipping else []
    found = tax_lines([*goods, *sent], totals.items.currency, rules)
    return *with_tax(lines, totals, found, rules.policy.is_gross), found


def with_tax(
    lines: tuple[Line, ...], totals: Totals, found: Iterable[TaxLine], included: bool
) -> tuple[tuple[Line, ...], Totals]:
    """The lines and the totals with this tax. Raises Invalid(total_too_large)."""
    by_target: dict[str, int] = defaultdict(int)
    for each in found:
        by_target[each.target] += each.amount
    tax = Money(sum(by_target.values()), totals.items.currency)
    if not included and totals.total.amount + tax.amount > MAX_AMOUNT:
        raise Invalid("total_too_large", f"the maximum total is {Money(MAX_AMOUNT, tax.currency)}: order less")
    total = totals.total if included else totals.total + tax
    return (
        tuple(replace(line, tax=by_target[target_of(line.sku)]) for line in lines),
        replace(totals, tax=tax, total=total, tax_included=included),
    )


def target_of(sku: str) -> str:
    """What tax lines call a line of an order."""
    return f"line:{sku}"


@dataclass(frozen=True)
class Sorts:
    """The tax category of each SKU, and that of the shipping method; empty: nothing is shipped by one."""

    goods: Mapping[str, str]
    shipping: str = ""


def tax_lines(taxables: Sequence[Taxable], currency: str, rules: TaxRules) -> tuple[TaxLine, ...]:
    """The tax of each: in a group with the same treatment, each rate is rounded once, and shared out to the lines.

    Tax that is added is a multiple of what can be charged in the currency, so that the total is, too.
    """
    policy = rules.policy
    unit = 1 if policy.is_gross else CHARGES.get(currency, Charge()).step
    groups: dict[Treatment, dict[str, int]] = defaultdict(dict)
    for each in taxables:
        groups[each.treatment][each.target] = each.amount
    found: dict[str, list[tuple[Component, int, int]]] = defaultdict(list)  # by target: what applies, base, amount
    for treatment, amounts in sorted(groups.items()):
        divisor = (MILLION + sum(each.ppm for each in treatment) if policy.is_gross else MILLION) * unit
        taxes = []
        for component in treatment:
            exact = {target: amount * component.ppm for target, amount in amounts.items()}
            if policy.rounding is Rounding.GROUP:
                parts = shared(exact, divisor)
            else:
                parts = {target: half_up(each, divisor) for target, each in exact.items()}
            taxes.append(parts)
        for target, amount in amounts.items():
            base = amount - sum(parts[target] for parts in taxes) if policy.is_gross else amount
            for component, parts in zip(treatment, taxes, strict=True):
                found[target].append((component, base, parts[target] * unit))
    return tuple(
        TaxLine(
            target=target,
            n=n,
            jurisdiction=component.jurisdiction,
            name=component.name,
            ppm=component.ppm,
            reason=component.reason,
            base=base,
            amount=amount,
            included=policy.is_gross,
        )
        for target, rows in sorted(found.items())
        for n, (component, base, amount) in enumerate(rows)
    )


def shipping_taxables(goods: Sequence[Taxable], amount: int, category: str, rules: TaxRules) -> list[Taxable]:
    """Shipping as one more line: of its own category or, proportional, split over the treatments of the goods.

    Where the goods are free, their number counts instead of their amounts.
    """
    if category != PROPORTIONAL:
        return [Taxable(SHIPPING, amount, treatment_of(rules, category, is_sent=True))]
    weights: dict[Treatment, int] = defaultdict(int)
    are_free = not any(each.amount for each in goods)
    for each in goods:
        weights[each.treatment] += 1 if are_free else each.amount
    treatments = sorted(weights)
    parts = allocated(amount, [weights[treatment] for treatment in treatments])
    return [Taxable(SHIPPING, part, treatment) for part, treatment in zip(parts, treatments, strict=True)]
