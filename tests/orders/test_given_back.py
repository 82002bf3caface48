"""What refunds give back of an order's tax: the parts come to each refund, and all refunds to what was recorded."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import Money
from app.modules.orders.domain.orders.order import Line
from app.modules.orders.domain.orders.unit_refund import paid_for
from app.modules.orders.domain.tax.given_back import GivenBack, Share, given_back
from app.modules.orders.domain.tax.rules import Reason
from app.modules.orders.domain.tax.taxed import TaxLine


def tax_line(target: str, n: int, base: int, amount: int, included: bool, ppm: int = 190_000) -> TaxLine:
    return TaxLine(
        target=target,
        n=n,
        jurisdiction="DE",
        name=f"VAT {ppm}",
        ppm=ppm,
        reason=Reason.STANDARD_RATED,
        base=base,
        amount=amount,
        included=included,
    )


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[TaxLine], dict[str, int], int]:
    """Tax lines, the quantity of each SKU, and the total that they come to."""
    included, lines, quantities, total = draw(st.booleans()), list[TaxLine](), dict[str, int](), 0
    for n in range(draw(st.integers(1, 4))):
        sku, base = f"S{n}", draw(st.integers(1, 5000))
        quantities[sku] = draw(st.integers(1, 5))
        taxes = draw(st.lists(st.integers(0, 900), min_size=1, max_size=2))
        lines += [tax_line(f"line:{sku}", i, base, each, included, ppm=i) for i, each in enumerate(taxes)]
        total += base + sum(taxes)
    if draw(st.booleans()):  # shipping is split over the rates of the goods, or has several taxes of one base
        base, taxes = draw(st.integers(1, 900)), draw(st.lists(st.integers(0, 90), min_size=1, max_size=3))
        is_split = draw(st.booleans())
        lines += [tax_line("shipping", i, base, each, included, ppm=i) for i, each in enumerate(taxes)]
        total += base * (len(taxes) if is_split else 1) + sum(taxes)
    return lines, quantities, total


def paid_for_units(lines: Sequence[TaxLine], sku: str, units: int, of: int) -> int:
    own = [line for line in lines if line.target == f"line:{sku}"]
    goods = own[0].base + sum(line.amount for line in own if line.included)
    return goods * units // of + sum(line.amount * units // of for line in own if not line.included)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[TaxLine], int, list[GivenBack]]:
    """An order, and how far it was refunded after each refund: of units, of an amount, or one that fails."""
    lines, quantities, total = draw(orders())
    states = [GivenBack()]
    for _ in range(draw(st.integers(0, 6))):
        units = {sku: (draw(st.integers(0, of)), of) for sku, of in quantities.items()}
        paid = sum(paid_for_units(lines, sku, *counts) for sku, counts in units.items())
        states.append(GivenBack(draw(st.integers(paid, total)), units))
    return lines, total, [*states, GivenBack(total, {sku: (of, of) for sku, of in quantities.items()})]


def summed(shares: Sequence[Share]) -> int:
    return sum(share.base * share.is_first + share.tax for share in shares)


@given(histories())
def test_each_refund_adds_up_and_all_come_to_the_whole(history: tuple[list[TaxLine], int, list[GivenBack]]) -> None:
    lines, total, states = history
    bases, taxes = [0] * len(lines), [0] * len(lines)
    for before, after in pairwise(states):
        shares = given_back(lines, "EUR", total, before, after)
        assert summed(shares) == after.amount - before.amount
        bases = [sum_ + share.base for sum_, share in zip(bases, shares, strict=True)]
        taxes = [sum_ + share.tax for sum_, share in zip(taxes, shares, strict=True)]
    assert taxes == [line.amount for line in lines]
    assert bases == [line.base for line in lines]


@given(orders(), st.data())
def test_units_alone_take_exactly_their_own_tax(
    order: tuple[list[TaxLine], dict[str, int], int], data: st.DataObject
) -> None:
    lines, quantities, total = order
    sku = data.draw(st.sampled_from(sorted(quantities)))
    of = quantities[sku]
    units = data.draw(st.integers(0, of))
    amount = paid_for_units(lines, sku, units, of)

    shares = given_back(lines, "EUR", total, GivenBack(), GivenBack(amount, {sku: (units, of)}))

    assert summed(shares) == amount
    for each, share in zip(lines, shares, strict=True):
        assert share.tax == (each.amount * units // of if each.target == f"line:{sku}" else 0)
        assert each.target == f"line:{sku}" or share.base == 0


def test_each_unit_can_be_charged_where_only_tens_can() -> None:
    line = Line(sku="MUG", name="Mug", quantity=3, unit_price=Money(1000, "KWD"), discount=1000)
    tax = [tax_line("line:MUG", 0, 2000, 100, included=False)]

    paid = [paid_for(line, tax, units) for units in range(4)]

    assert paid == [0, 690, 1390, 2100]
