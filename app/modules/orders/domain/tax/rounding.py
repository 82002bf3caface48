"""Rounds whole numbers, so that parts add up to their sum."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K", bound=str)


def half_up(numerator: int, denominator: int) -> int:
    """The fraction, rounded to a whole number; a half goes up. Neither may be negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def shared(numerators: Mapping[K, int], denominator: int) -> dict[K, int]:
    """Round the sum of these fractions once, and share it out: each gets its whole part, then those with the largest
    remainders one more; of equal ones, the first by key.
    """
    parts = {key: each // denominator for key, each in numerators.items()}
    missing = half_up(sum(numerators.values()), denominator) - sum(parts.values())
    for key in sorted(numerators, key=lambda each: (-(numerators[each] % denominator), each))[:missing]:
        parts[key] += 1
    return parts
