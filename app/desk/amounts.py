"""Amounts of money as people type them: 12.50, in a currency that the page knows."""

import re

from app.kernel.errors import Invalid
from app.kernel.money import DECIMALS, Money

TYPED = re.compile(r"([0-9]{1,12})(?:[.,]([0-9]{1,3}))?")


def amount_of(typed: str, currency: str) -> Money:
    """The amount. Raises Invalid(bad_amount)."""
    decimals = DECIMALS.get(currency, 2)
    found = TYPED.fullmatch(typed.strip())
    if not found or len(found[2] or "") > decimals:
        like = f"12.{'5'.ljust(decimals, '0')}" if decimals else "12"
        raise Invalid("bad_amount", f"write an amount of {currency} as {like}")
    return Money(int(found[1] + (found[2] or "").ljust(decimals, "0")), currency)


def typed(amount: Money) -> str:
    """The amount as it would be typed."""
    return str(amount).partition(" ")[0]
