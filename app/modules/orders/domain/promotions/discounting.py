"""What the promotions take off a basket: line discounts, then order discounts, then those of shipping."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.kernel.money import CHARGES
from app.modules.orders.domain.carts.shares import allocated, part_of, share_of
from app.modules.orders.domain.promotions.candidate import (
    Candidate,
    Discount,
    GivenCode,
    Promotions,
    Reason,
    why_not,
)
from app.modules.orders.domain.promotions.promotion import WHOLE, Combines, Goods, Kind, Level, Promotion
from app.modules.orders.domain.promotions.sets import discounted_units

Take = Callable[[Promotion, Sequence[int]], Sequence[int]]  # what it takes off each of these amounts


@dataclass(frozen=True, kw_only=True)
class Discounted:
    """What was taken off. `lines`: of each line, in their order. `lost`: why the other candidates give nothing."""

    lines: tuple[int, ...]
    discounts: tuple[Discount, ...] = ()
    eligible: tuple[Candidate, ...] = ()  # those for shipping, which are not computed yet
    lost: tuple[tuple[Candidate, Reason], ...] = ()
    codes: tuple[GivenCode, ...] = ()


def discounted(goods: Sequence[Goods], currency: str, promotions: Promotions) -> Discounted:
    """Take the discounts of the goods, which are sorted by SKU, off their amounts.

    The result does not depend on the order of the candidates.
    """
    left = [each.unit_price * each.quantity for each in goods]
    eligible, lost = _eligible(goods, currency, promotions)
    names = [f"line:{each.sku}" for each in goods]
    discounts: list[Discount] = []

    def take(promotion: Promotion, amounts: Sequence[int]) -> Sequence[int]:
        return _off(promotion, goods, amounts, currency)

    for level in (Level.LINE, Level.ORDER):
        found, left, losers = _best(eligible, level, left, names, take)
        discounts += found
        lost += losers
    taken = tuple(each.unit_price * each.quantity - rest for each, rest in zip(goods, left, strict=True))
    of_shipping = tuple(each for each in eligible if each.promotion.level is Level.SHIPPING)
    result = Discounted(lines=taken, discounts=tuple(discounts), eligible=of_shipping, lost=tuple(lost))
    return replace(result, codes=_codes(promotions, [*lost, *((each, Reason.NOTHING_LEFT) for each in of_shipping)]))


def shipping_discounted(before: Discounted, shipping: int, currency: str, promotions: Promotions) -> Discounted:
    """Take the discounts of shipping off its price, after those of the goods."""

    def take(promotion: Promotion, amounts: Sequence[int]) -> Sequence[int]:
        ppm = promotion.rule.ppm if promotion.kind is Kind.PERCENT_SHIPPING else WHOLE
        return _capped(promotion, _parts(amounts, ppm, currency), currency)

    found, _, losers = _best(before.eligible, Level.SHIPPING, [shipping], ["shipping"], take)
    codes = _codes(promotions, [*before.lost, *losers])
    return replace(before, discounts=(*before.discounts, *found), codes=codes)


def _eligible(
    goods: Sequence[Goods], currency: str, promotions: Promotions
) -> tuple[list[Candidate], list[tuple[Candidate, Reason]]]:
    """Those that are for this basket, by priority; one for each promotion, if several codes of it were given."""
    lost: list[tuple[Candidate, Reason]] = []
    found: dict[str, Candidate] = {}
    ordered = sorted(promotions.candidates, key=lambda it: (-it.promotion.priority, it.promotion.id, it.code or ""))
    for each in ordered:
        reason = why_not(each, promotions, goods, currency)
        if reason is None and each.promotion.id in found:
            reason = Reason.NOT_WITH_OTHERS
        if reason:
            lost.append((each, reason))
        else:
            found[each.promotion.id] = each
    return list(found.values()), lost


def _best(
    candidates: Iterable[Candidate], level: Level, left: list[int], names: Sequence[str], take: Take
) -> tuple[list[Discount], list[int], list[tuple[Candidate, Reason]]]:
    """All that stack together are one option, and each that stands alone is one; the one that gives more is taken.

    Returns its discounts, what they leave, and why the other candidates give nothing.
    """
    here = [each for each in candidates if each.promotion.level is level]
    if not here:
        return [], left, []
    stack = [each for each in here if each.promotion.combines is Combines.STACK]
    options = [*([stack] if stack else []), *([each] for each in here if each.promotion.combines is Combines.ALONE)]
    results = [_taken(option, left, names, take) for option in options]
    ids = [min(each.promotion.id for each in option) for option in options]
    best = min(range(len(options)), key=lambda n: (sum(results[n][1]), ids[n]))  # the one that leaves less
    discounts, rest = results[best]
    giving, chosen = {each.promotion_id for each in discounts}, options[best]
    losers = [(each, _why(each, each in chosen)) for each in here if each.promotion.id not in giving]
    return discounts, rest, losers


def _why(loser: Candidate, is_chosen: bool) -> Reason:
    if not is_chosen:
        return Reason.NOT_WITH_OTHERS
    return Reason.TOO_LITTLE if loser.promotion.kind is Kind.BUY_GET else Reason.NOTHING_LEFT


def _taken(
    option: Sequence[Candidate], left: list[int], names: Sequence[str], take: Take
) -> tuple[list[Discount], list[int]]:
    discounts = []
    for each in option:
        promotion, offs = each.promotion, take(each.promotion, left)
        discounts += [
            Discount(
                promotion_id=promotion.id, name=promotion.name, code=each.shown, target=name, amount=off, base=base
            )
            for name, off, base in zip(names, offs, left, strict=True)
            if off
        ]
        left = [base - off for base, off in zip(left, offs, strict=True)]
    return discounts, left


def _off(promotion: Promotion, goods: Sequence[Goods], left: Sequence[int], currency: str) -> Sequence[int]:
    """What a promotion takes off each line, of what the ones before it have left."""
    rule, kind = promotion.rule, promotion.kind
    bases = [amount if is_for else 0 for amount, is_for in zip(left, rule.target.among(goods), strict=True)]
    if promotion.level is Level.ORDER:
        total = sum(bases)
        (off,) = _parts([total], rule.ppm, currency) if kind is Kind.PERCENT else [min(total, rule.value[currency])]
        return allocated(min(off, rule.max_discount.get(currency, off)), bases, _step(bases, currency))
    if kind is Kind.FIXED_EACH:
        value = rule.value[currency]
        offs = [min(base, value * each.quantity) for each, base in zip(goods, bases, strict=True)]
    else:
        if kind is Kind.BUY_GET:
            units = discounted_units(rule, goods)
            step = _step(bases, currency)
            bases = [
                share_of(base // step, n, each.quantity) * step
                for each, base, n in zip(goods, bases, units, strict=True)
            ]
        offs = _parts(bases, rule.ppm, currency)
    return _capped(promotion, offs, currency)


def _capped(promotion: Promotion, offs: Sequence[int], currency: str) -> Sequence[int]:
    limit, total = promotion.rule.max_discount.get(currency), sum(offs)
    return offs if limit is None or total <= limit else allocated(limit, offs, _step(offs, currency))


def _parts(amounts: Sequence[int], ppm: int, currency: str) -> list[int]:
    """A percentage of each, rounded to what can be charged, so that a total can still be."""
    step = _step(amounts, currency)
    return [part_of(amount, ppm, step) for amount in amounts]


def _step(amounts: Iterable[int], currency: str) -> int:
    step = CHARGES[currency].step if currency in CHARGES else 1
    return step if step == 1 or all(amount % step == 0 for amount in amounts) else 1


def _codes(promotions: Promotions, lost: Iterable[tuple[Candidate, Reason]]) -> tuple[GivenCode, ...]:
    """What became of each code, by code."""
    reasons = {each.code: reason for each, reason in lost}
    codes = [(each.code, each.shown or each.code) for each in promotions.candidates if each.code]
    given = [GivenCode(code=shown, reason=reasons.get(code)) for code, shown in codes]
    given += [GivenCode(code=code, reason=Reason.UNKNOWN) for code in promotions.unknown]
    return tuple(sorted(given, key=lambda each: each.code))
