"""How an amount is divided into whole units: between lines, and between the parts of one line or of one order."""

from collections.abc import Sequence


def allocated(amount: int, weights: Sequence[int], step: int = 1) -> list[int]:
    """Divide an amount, a multiple of `step`, in proportion to the weights: the floor of each exact share, and the rest
    one step each by the largest remainder, ties to the first. A weight of zero gets nothing.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    steps = amount // step
    shares = [steps * weight // total for weight in weights]
    rest = steps - sum(shares)
    if rest:
        by_remainder = sorted(range(len(weights)), key=lambda n: (-(steps * weights[n] % total), n))
        for n in by_remainder[:rest]:
            shares[n] += 1
    return [share * step for share in shares]


def share_of(amount: int, units: int, of: int, before: int = 0, step: int = 1) -> int:
    """The part of an amount that belongs to `units` of its `of` units, after `before` others were counted. Units are
    pieces of a line, or the smallest unit of an order's total. An amount of whole steps has parts of whole steps.

    It is counted cumulatively, so that the parts of all units add up to the amount in whatever portions they come.
    Below zero `units`: what an earlier portion gives back.
    """
    if amount % step:
        step = 1
    steps = amount // step
    return (steps * (before + units) // of - steps * before // of) * step


def part_of(amount: int, ppm: int, step: int = 1) -> int:
    """Parts per million of an amount, in whole steps, half up."""
    return (amount * ppm + 500_000 * step) // (1_000_000 * step) * step
