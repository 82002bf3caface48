"""The tax of a basket: worked examples, and what holds for every basket."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Conflict
from app.kernel.money import CHARGES, Money
from app.modules.orders.domain.carts.basket import RequestedItem
from app.modules.orders.domain.carts.offer import Offer
from app.modules.orders.domain.carts.price import Priced, price
from app.modules.orders.domain.carts.shares import share_of
from app.modules.orders.domain.shipping.shipping import Method, Rate
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.rules import (
    BuyerNumber,
    Engine,
    ExportPrice,
    NumberState,
    Prices,
    Reason,
    Registration,
    Rounding,
    TaxPolicy,
    TaxRate,
    TaxRules,
)

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=1)
DE, AT, CH, FR = (Destination(country=each) for each in ("DE", "AT", "CH", "FR"))
AUSTIN = Destination(country="US", region="TX", postal_code="78701")
BOSTON = Destination(country="US", region="MA", postal_code="02108")
LAS_PALMAS = Destination(country="ES", postal_code="35001")


def rate(country: str, name: str, ppm: int, category: str = "standard", **more: Any) -> TaxRate:
    return TaxRate(id=ID, country=country, name=name, ppm=ppm, category=category, valid_from=SINCE, **more)


RATES = (
    rate("DE", "VAT", 190_000),
    rate("DE", "VAT", 70_000, "books", reason=Reason.REDUCED_RATED),
    rate("AT", "VAT", 200_000),
    rate("NL", "VAT", 210_000),
    rate("ES", "VAT", 210_000),
    rate("ES", "VAT", 0, postal_prefix="35", reason=Reason.EXPORT),
    rate("US", "State", 62_500, region="TX"),
    rate("US", "City", 20_000, region="TX", postal_prefix="787"),
    rate("US", "State", 0, "clothes", region="TX", reason=Reason.PRODUCT_EXEMPT),
)
VALID = BuyerNumber(country="AT", number="U12345678", state=NumberState.VALID)


def rules(place: Destination, prices: str = "gross", collects: str = "DE AT", **more: Any) -> TaxRules:
    """The rules of a shop in the first of these countries, which collects in all of them."""
    places = [each.partition("-") for each in collects.split()]
    registered = tuple(Registration(id=ID, country=each[0], region=each[2], since=SINCE) for each in places)
    policy = {name: more.pop(name) for name in ("rounding", "export_price") if name in more}
    home = Destination(country=places[0][0], region=places[0][2])
    given = TaxPolicy(engine=Engine.INTERNAL, prices=Prices(prices), home=home, **policy)
    return TaxRules(policy=given, place=place, registrations=registered, rates=more.pop("rates", RATES), **more)


def offer(sku: str, amount: int, category: str = "standard", ships: bool = True, currency: str = "EUR") -> Offer:
    cost = Money(amount, currency)
    return Offer(sku=sku, name=sku, price=cost, on_sale=True, ships=ships, tax_category=category, version=1)


def shipped_for(amount: int, category: str = "standard", currency: str = "EUR") -> Method:
    band = Rate(currency=currency, from_=0, below=None, amount=amount)
    return Method(code="post", name="Post", zone_id=None, rates=(band,), tax_category=category)


def priced(items: list[tuple[Offer, int]], tax: TaxRules, method: Method | None = None) -> Priced:
    basket = {each.sku: RequestedItem(quantity) for each, quantity in items}
    return price(basket, {each.sku: each for each, _ in items}, method, tax=tax)


MUG, BOOK, SHIRT = offer("MUG", 1190), offer("BOOK", 1070, "books"), offer("SHIRT", 2000, "clothes")
PDF = offer("PDF", 1190, ships=False)
TO_A_BUSINESS = [(target, 0, "intra_community_supply") for target in ("line:MUG", "shipping")]
EXPORTS = {"export_price": ExportPrice.NET}


@pytest.mark.parametrize(
    ("items", "tax", "method", "expected"),  # expected: items, shipping, tax, total, and the amount and reason of lines
    [
        pytest.param(
            [(offer("A", 1070), 2)],
            rules(Destination(country="NL"), "net", "NL"),
            None,
            (2140, 0, 449, 2589, [("line:A", 449, "standard_rated")]),
            id="2 x 10.70 at 21 % net: 4.494",
        ),
        pytest.param(
            [(offer("A", 4000), 1)],
            rules(FR, rates=(rate("FR", "VAT", 100_000),), collects="FR"),
            None,
            (4000, 0, 364, 4000, [("line:A", 364, "standard_rated")]),
            id="40 gross at 10 %: 3.636 are in it",
        ),
        pytest.param(
            [(offer("A", 108), 3)],
            rules(DE, "net"),
            None,
            (324, 0, 62, 386, [("line:A", 62, "standard_rated")]),
            id="3 x 1.08 at 19 %: 61.56",
        ),
        pytest.param(
            [(offer("A", 3), 1), (offer("B", 3), 1), (offer("C", 3), 1)],
            rules(DE, "net"),
            None,
            (9, 0, 2, 11, [(f"line:{s}", n, "standard_rated") for s, n in (("A", 1), ("B", 1), ("C", 0))]),
            id="one group: 1.71 are 2, shared out in order of skus",
        ),
        pytest.param(
            [(offer("A", 3), 1), (offer("B", 3), 1), (offer("C", 3), 1)],
            rules(DE, "net", rounding=Rounding.LINE),
            None,
            (9, 0, 3, 12, [(f"line:{s}", 1, "standard_rated") for s in "ABC"]),
            id="each line: 0.57 are 1",
        ),
        pytest.param(
            [(MUG, 1), (BOOK, 1)],
            rules(DE),
            shipped_for(590),
            (
                2260,
                590,
                354,
                2850,
                [
                    ("line:BOOK", 70, "reduced_rated"),
                    ("line:MUG", 190, "standard_rated"),
                    ("shipping", 94, "standard_rated"),
                ],
            ),
            id="DE to DE, gross",
        ),
        pytest.param(
            [(MUG, 1), (BOOK, 1)],
            rules(DE),
            shipped_for(590, "proportional"),
            (
                2260,
                590,
                328,
                2850,
                [
                    ("line:BOOK", 70, "reduced_rated"),
                    ("line:MUG", 190, "standard_rated"),
                    ("shipping", 18, "reduced_rated"),
                    ("shipping", 50, "standard_rated"),
                ],
            ),
            id="shipping is taxed as the goods are: 2.79 at 7 %, 3.11 at 19 %",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(AT),
            None,
            (1190, 0, 198, 1190, [("line:MUG", 198, "standard_rated")]),
            id="DE to AT, gross: the price stays",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(AT, buyer=VALID),
            shipped_for(595),
            (
                1190,
                595,
                0,
                1785,
                [("line:MUG", 0, "intra_community_supply"), ("shipping", 0, "intra_community_supply")],
            ),
            id="DE to AT, a business",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(AT, buyer=VALID, **EXPORTS),
            shipped_for(595),
            (
                1000,
                500,
                0,
                1500,
                [("line:MUG", 0, "intra_community_supply"), ("shipping", 0, "intra_community_supply")],
            ),
            id="and without the tax in the price",
        ),
        pytest.param(
            [(PDF, 1)],
            rules(AT, buyer=VALID),
            None,
            (1190, 0, 0, 1190, [("line:PDF", 0, "reverse_charge")]),
            id="a service to a business",
        ),
        *(
            pytest.param(
                [(MUG, 1)],
                rules(AT, buyer=replace(VALID, state=state)),
                None,
                (1190, 0, 198, 1190, [("line:MUG", 198, "standard_rated")]),
                id=f"a number that is {state}",
            )
            for state in (NumberState.PENDING, NumberState.UNREACHABLE, NumberState.INVALID)
        ),
        pytest.param(
            [(MUG, 1)],
            rules(AT, buyer=replace(VALID, country="FR")),
            None,
            (1190, 0, 198, 1190, [("line:MUG", 198, "standard_rated")]),
            id="a number of another country",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(DE, buyer=replace(VALID, country="DE")),
            None,
            (1190, 0, 190, 1190, [("line:MUG", 190, "standard_rated")]),
            id="a business at home",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(CH),
            shipped_for(595),
            (1190, 595, 0, 1785, [("line:MUG", 0, "export"), ("shipping", 0, "export")]),
            id="DE to CH, the same price",
        ),
        pytest.param(
            [(MUG, 3)],
            rules(CH, **EXPORTS),
            shipped_for(595),
            (3000, 500, 0, 3500, [("line:MUG", 0, "export"), ("shipping", 0, "export")]),
            id="DE to CH, without the tax of home",
        ),
        pytest.param(
            [(MUG, 1), (PDF, 1)],
            rules(CH, "net"),
            None,
            (2380, 0, 0, 2380, [("line:MUG", 0, "export"), ("line:PDF", 0, "not_collecting")]),
            id="a service is not exported",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(FR),
            None,
            (1190, 0, 0, 1190, [("line:MUG", 0, "not_collecting")]),
            id="DE to FR, without a registration",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(LAS_PALMAS, collects="DE ES"),
            None,
            (1190, 0, 0, 1190, [("line:MUG", 0, "export")]),
            id="the rate of a part of a country replaces that of the country",
        ),
        pytest.param(
            [(offer("A", 1050), 1), (SHIRT, 1)],
            rules(AUSTIN, "net", "US-TX"),
            None,
            (
                3050,
                0,
                87,
                3137,
                [
                    ("line:A", 66, "standard_rated"),
                    ("line:A", 21, "standard_rated"),
                    ("line:SHIRT", 0, "product_exempt"),
                ],
            ),
            id="state and city, net, and a category that is exempt",
        ),
        pytest.param(
            [(MUG, 1)],
            rules(BOSTON, "net", "US-TX"),
            None,
            (1190, 0, 0, 1190, [("line:MUG", 0, "not_collecting")]),
            id="another state",
        ),
        pytest.param(
            [(offer("A", 1230, currency="KWD"), 1)],
            rules(DE, "net"),
            None,
            (1230, 0, 230, 1460, [("line:A", 230, "standard_rated")]),
            id="three decimals: 233.7 fils, of which only tens can be charged",
        ),
        pytest.param(
            [(offer("A", 1230, currency="JPY"), 1)],
            rules(DE, "net"),
            None,
            (1230, 0, 234, 1464, [("line:A", 234, "standard_rated")]),
            id="no decimals",
        ),
        pytest.param(
            [(offer("A", 1190, "unknown"), 1)],
            rules(DE),
            None,
            (1190, 0, 190, 1190, [("line:A", 190, "standard_rated")]),
            id="an unknown category is standard",
        ),
    ],
)
def test_worked_examples(items: Any, tax: TaxRules, method: Method | None, expected: Any) -> None:
    found = priced(items, tax, method)

    totals = found.totals
    amounts = totals.items.amount, totals.shipping.amount, totals.tax.amount, totals.total.amount
    assert (*amounts, [(each.target, each.amount, each.reason) for each in found.tax_lines]) == expected
    assert totals.tax_included == (tax.policy.prices is Prices.GROSS)


def test_without_tax_nothing_is_computed() -> None:
    found = price({"MUG": RequestedItem(2)}, {"MUG": MUG})

    assert (found.tax_lines, found.totals.tax.amount, found.totals.tax_included) == ((), 0, False)


def test_a_place_where_the_shop_collects_needs_a_rate() -> None:
    with pytest.raises(Conflict) as refused:
        priced([(MUG, 1)], rules(FR, collects="DE FR"))

    assert refused.value.code == "tax_rate_missing"


PPMS = st.integers(0, 10**6)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
ITEMS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 50), st.integers(0, 3)), min_size=1, max_size=8)


@given(
    ITEMS,
    st.lists(st.lists(PPMS, min_size=1, max_size=3), min_size=4, max_size=4),
    st.sampled_from(Prices),
    st.sampled_from(Rounding),
    CURRENCIES,
    st.sampled_from(["c0", "c3", "proportional", "nothing"]),
    st.integers(0, 10**5),
    st.randoms(use_true_random=False),
)
def test_every_sum_holds(
    given: Any, ppms: Any, prices: Prices, rounding: Rounding, currency: str, sort: str, sent: int, order: Any
) -> None:
    unit = CHARGES[currency].step
    known = [rate("DE", f"R{m}", ppm, f"c{n}") for n, each in enumerate(ppms) for m, ppm in enumerate(each)]
    tax = rules(DE, prices, rates=(*known, rate("DE", "R0", 190_000)), rounding=rounding)
    items = [(offer(f"S{n}", amount * unit, f"c{c}", True, currency), q) for n, (amount, q, c) in enumerate(given)]
    method = shipped_for(sent * unit, sort, currency)

    found = priced(items, tax, method)

    totals, lines = found.totals, found.tax_lines
    assert totals.tax.amount == sum(each.amount for each in lines)
    goods = sum(line.tax for line in found.lines)
    assert totals.tax.amount == goods + sum(each.amount for each in lines if each.target == "shipping")
    added = 0 if totals.tax_included else totals.tax.amount
    assert totals.total.amount == totals.items.amount + totals.shipping.amount + added
    assert totals.total.amount % unit == 0
    assert all(each.amount >= 0 for each in lines)
    amounts = {f"line:{line.sku}": line.unit_price.amount * line.quantity for line in found.lines}
    by_target = defaultdict(list)
    for each in lines:
        by_target[each.target].append(each)
    assert by_target.keys() == amounts.keys() | {"shipping"}
    for target, amount in amounts.items():
        every = sum(each.ppm for each in by_target[target])
        divisor = 10**6 + every if totals.tax_included else 10**6
        for each in by_target[target]:
            assert abs(each.amount - Fraction(amount * each.ppm, divisor)) < unit
            assert each.base == (amount - sum(e.amount for e in by_target[target]) if totals.tax_included else amount)
    if sort != "proportional":
        assert {each.base for each in by_target["shipping"]} == {
            sent * unit - (sum(each.amount for each in by_target["shipping"]) if totals.tax_included else 0)
        }
    order.shuffle(items)
    assert priced(items, tax, method) == found


@given(st.integers(0, 10**9), st.integers(1, 1000), st.lists(st.integers(0, 1000), max_size=10))
def test_shares_of_refunds_add_up(amount: int, whole: int, steps: list[int]) -> None:
    marks = [0, *sorted(min(each, whole) for each in steps), whole]
    shares = [share_of(amount, after - before, whole, before) for before, after in pairwise(marks)]

    assert sum(shares) == amount
    assert all(each >= 0 for each in shares)
