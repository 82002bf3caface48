"""How the tax of an order and of a quote is shown."""

from collections.abc import Sequence

from msgspec import Struct

from app.modules.orders.domain.tax import taxed
from app.modules.orders.domain.tax.rules import Reason


class TaxLine(Struct, frozen=True):
    """The tax of one line of an order (line:SKU) or of its shipping, at one rate in parts per million, also if zero.

    `base`: without the tax. `included`: whether the price has the tax in it. Amounts are in the smallest unit.
    """

    target: str
    jurisdiction: str
    name: str
    ppm: int
    reason: Reason
    base: int
    amount: int
    included: bool


def tax_lines_view(lines: Sequence[taxed.TaxLine]) -> list[TaxLine]:
    return [
        TaxLine(
            target=line.target,
            jurisdiction=line.jurisdiction,
            name=line.name,
            ppm=line.ppm,
            reason=line.reason,
            base=line.base,
            amount=line.amount,
            included=line.included,
        )
        for line in lines
    ]
