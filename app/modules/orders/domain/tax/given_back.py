"""What of each tax line of an order is given back, when so much of the order is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from app.kernel.money import CHARGES, Charge
from app.modules.orders.domain.carts.shares import share_of
from app.modules.orders.domain.tax.taxed import SHIPPING, TaxLine, target_of

Units = Mapping[str, tuple[int, int]]  # by SKU: how many, of how many


@dataclass(frozen=True)
class GivenBack:
    """How much of an order was given back in all, and the units that of this were refunded by themselves. The rest was
    given back of the order as a whole.
    """

    amount: int = 0
    units: Units = field(default_factory=dict)


NOTHING = GivenBack()


def beyond(before: GivenBack, amount: int, units: Units) -> GivenBack:
    """So much, and never less of any unit than before."""
    counts = {sku: max(units.get(sku, (0, 1)), before.units.get(sku, (0, 1))) for sku in {**before.units, **units}}
    return GivenBack(max(amount, before.amount), counts)


@dataclass(frozen=True)
class Share:
    """A part of the base and of the tax of one tax line. Several taxes may be of one base: the first has `is_first`."""

    base: int
    tax: int
    is_first: bool


def given_back(
    lines: Sequence[TaxLine], currency: str, total: int, before: GivenBack, after: GivenBack, *, exact: bool = True
) -> list[Share]:
    """What of each of these tax lines, all of one order of this total, a refund gives back. It may be below zero: a
    refund that fails takes back. It depends on `before` and `after` only, so that all refunds together give back what
    was recorded, in whatever portions they come.

    `exact`: bases and taxes come to the amount of the refund. Otherwise each is rounded down by itself, so that none
    ever falls below what was given back before.
    """
    step = CHARGES.get(currency, Charge()).step
    parts = _parts(lines, total)
    firsts = {(part.lines[0].target, part.lines[0].n) for part in parts}
    then, now = (_state(parts, step, total, each, exact) for each in (before, after))
    keys = [(line.target, line.n) for line in lines]
    return [Share(now[key][0] - then[key][0], now[key][1] - then[key][1], key in firsts) for key in keys]


@dataclass(frozen=True)
class _Part:
    """What is taxed as one: a base, and each tax of it."""

    target: str
    base: int
    lines: tuple[TaxLine, ...]


Key = tuple[str, int]


def _parts(lines: Iterable[TaxLine], total: int) -> list[_Part]:
    """A line of the order is one part. Shipping is one for each of its bases, if it was split over the goods."""
    by_target: dict[str, list[TaxLine]] = defaultdict(list)
    for line in lines:
        by_target[line.target].append(line)
    parts = [_Part(target, of[0].base, tuple(of)) for target, of in by_target.items() if target != SHIPPING]
    if sent := by_target.get(SHIPPING):
        rest = total - sum(part.base + sum(each.amount for each in part.lines) for part in parts)
        is_split = rest == sum(each.base + each.amount for each in sent)
        parts += [_Part(SHIPPING, each.base, (each,)) for each in sent] if is_split else []
        parts += [] if is_split else [_Part(SHIPPING, sent[0].base, tuple(sent))]
    return parts


def _state(parts: Sequence[_Part], step: int, total: int, given: GivenBack, exact: bool) -> dict[Key, tuple[int, int]]:
    """The base and the tax of each line that are given back so far: those of the units, and a share of all else."""
    of_units = [_of_units(part, step, given) for part in parts]
    units = sum(base + sum(taxes) for base, taxes in of_units)
    amount, whole = min(given.amount, total) - units, total - units

    def share(rest: int) -> int:
        return share_of(rest, amount, whole) if whole else 0

    taxes = [
        [own + share(line.amount - own) for line, own in zip(part.lines, owns, strict=True)]
        for part, (_, owns) in zip(parts, of_units, strict=True)
    ]
    rests = [part.base - base for part, (base, _) in zip(parts, of_units, strict=True)]
    more = _exact(rests, amount + units - sum(base for base, _ in of_units) - sum(map(sum, taxes)))
    bases = [
        base + (exactly if exact else share(max(rest, 0)))
        for (base, _), exactly, rest in zip(of_units, more, rests, strict=True)
    ]
    return {
        (line.target, line.n): (base, tax)
        for part, base, of_part in zip(parts, bases, taxes, strict=True)
        for line, tax in zip(part.lines, of_part, strict=True)
    }


def _of_units(part: _Part, step: int, given: GivenBack) -> tuple[int, list[int]]:
    """The base and the taxes of the units of a line: their share of what was paid for it, as the customer got it."""
    units, of = next((each for sku, each in given.units.items() if target_of(sku) == part.target), (0, 1))
    included = sum(each.amount for each in part.lines if each.included)
    taxes = [share_of(each.amount, units, of, step=1 if each.included else step) for each in part.lines]
    goods = share_of(part.base + included, units, of, step=step)
    return goods - sum(tax for tax, line in zip(taxes, part.lines, strict=True) if line.included), taxes


def _exact(bases: Sequence[int], amount: int) -> list[int]:
    """Share an amount out in proportion to the bases: each sum of first ones is rounded down. Where no base is left,
    there is only what the taxes were rounded down by: the first one has it.
    """
    sums = list(accumulate(bases))
    if not sums or sums[-1] == 0:
        return [amount if n == 0 else 0 for n in range(len(bases))]
    ends = [share_of(each, amount, sums[-1]) for each in sums]
    return [end - before for end, before in zip(ends, [0, *ends], strict=False)]
