"""What promotions take off: worked examples, and what holds of any basket and any promotions."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import CHARGES
from app.modules.orders.domain.carts.shares import allocated, share_of
from app.modules.orders.domain.promotions.candidate import Candidate, Promotions, Reason
from app.modules.orders.domain.promotions.promotion import Combines, Kind, Promotion, Target
from app.modules.orders.domain.shipping.shipping import Method, Rate
from tests.orders.promoting import NOW, PERCENT, candidates, flat, priced, promotion, shares, skus

ALONE = Combines.ALONE
THREE = {"A": (1000, 1), "B": (1000, 1), "C": (1000, 1)}

EXAMPLES: list[Any] = [  # a name, the goods, the promotions, and the share of each line
    (
        "10 euros off three equal items",
        THREE,
        [promotion(Kind.FIXED_ONCE, value={"EUR": 1000})],
        {"A": 334, "B": 333, "C": 333},
    ),
    ("19.99 less 25 % is 14.99", {"A": (1999, 1)}, [promotion(Kind.PERCENT, ppm=25 * PERCENT)], {"A": 500}),
    (
        "40 % and then 70 % of what is left",
        {"A": (10000, 1)},
        [
            promotion(Kind.PERCENT, "40", ppm=40 * PERCENT, target=skus("A")),
            promotion(Kind.PERCENT, "70", ppm=70 * PERCENT, target=skus("A")),
        ],
        {"A": 8200},
    ),
    (
        "buy 2, get 1: the cheapest of three prices",
        {"A": (500, 1), "B": (900, 1), "C": (700, 1)},
        [promotion(Kind.BUY_GET, buy_quantity=2, get_quantity=1, ppm=100 * PERCENT)],
        {"A": 500, "B": 0, "C": 0},
    ),
    (
        "buy 2, get 1: of seven units two are free",
        {"A": (500, 3), "B": (900, 4)},
        [promotion(Kind.BUY_GET, buy_quantity=2, get_quantity=1, ppm=100 * PERCENT)],
        {"A": 1000, "B": 0},
    ),
    (
        "buy a lamp, get two bulbs at half price",
        {"BULB": (301, 5), "LAMP": (4000, 2)},
        [
            promotion(
                Kind.BUY_GET, buy=skus("LAMP"), target=skus("BULB"), buy_quantity=1, get_quantity=2, ppm=50 * PERCENT
            )
        ],
        {"BULB": 602, "LAMP": 0},
    ),
    (
        "a cheap unit that has to be bought is not discounted",
        {"X": (100, 1), "Y": (900, 1)},
        [promotion(Kind.BUY_GET, buy=skus("X"), target=skus("X", "Y"), buy_quantity=1, get_quantity=1, ppm=1_000_000)],
        {"X": 0, "Y": 900},
    ),
    (
        "2 euros off each unit, never more than it costs",
        {"A": (500, 3), "B": (150, 2)},
        [promotion(Kind.FIXED_EACH, value={"EUR": 200})],
        {"A": 600, "B": 300},
    ),
    (
        "the largest share is limited, and divided as it was",
        THREE,
        [promotion(Kind.FIXED_EACH, value={"EUR": 500}, max_discount={"EUR": 100})],
        {"A": 34, "B": 33, "C": 33},
    ),
    (
        "a percentage of all goods is rounded once",
        {"A": (5, 1), "B": (5, 1), "C": (5, 1)},
        [promotion(Kind.PERCENT, ppm=10 * PERCENT)],
        {"A": 1, "B": 1, "C": 0},
    ),
    (
        "an order discount is shared by what the line discounts left",
        {"A": (1000, 1), "B": (1000, 1)},
        [
            promotion(Kind.FIXED_ONCE, "a", value={"EUR": 150}),
            promotion(Kind.PERCENT, "b", ppm=50 * PERCENT, target=skus("A")),
        ],
        {"A": 550, "B": 100},
    ),
    (
        "what stands alone wins over a stack that gives less",
        {"A": (1000, 1)},
        [
            promotion(Kind.FIXED_ONCE, "a", value={"EUR": 100}),
            promotion(Kind.FIXED_ONCE, "b", value={"EUR": 100}),
            promotion(Kind.FIXED_ONCE, "c", value={"EUR": 201}, combines=ALONE),
        ],
        {"A": 201},
    ),
    (
        "a stack wins over what stands alone and gives less",
        {"A": (1000, 1)},
        [
            promotion(Kind.FIXED_ONCE, "a", value={"EUR": 100}),
            promotion(Kind.FIXED_ONCE, "b", value={"EUR": 100}),
            promotion(Kind.FIXED_ONCE, "c", value={"EUR": 199}, combines=ALONE),
        ],
        {"A": 200},
    ),
    (
        "more than all is all, and a free line gets nothing",
        {"A": (1000, 1), "B": (0, 4)},
        [promotion(Kind.FIXED_ONCE, value={"EUR": 5000})],
        {"A": 1000, "B": 0},
    ),
]


@pytest.mark.parametrize(
    ("goods", "promotions", "expected"), [row[1:] for row in EXAMPLES], ids=[r[0] for r in EXAMPLES]
)
def test_worked_examples(goods: dict[str, tuple[int, int]], promotions: list[Promotion], expected: Any) -> None:
    found = priced(goods, candidates(*promotions))

    assert shares(found) == expected
    assert found.totals.discount.amount == sum(expected.values())


def test_a_percentage_can_still_be_charged_in_each_currency() -> None:
    dinars = priced({"A": (1010, 1), "B": (1010, 1)}, candidates(promotion(Kind.PERCENT, ppm=1)), None, "KWD")
    half = priced({"A": (1010, 1)}, candidates(promotion(Kind.PERCENT, ppm=50 * PERCENT)), None, "KWD")

    assert shares(dinars) == {"A": 0, "B": 0}
    assert shares(half) == {"A": 510}


@pytest.mark.parametrize(("currency", "price"), [("KWD", 1010), ("MGA", 10100)])
def test_a_unit_for_free_of_what_another_discount_has_left_can_still_be_charged(currency: str, price: int) -> None:
    part = promotion(Kind.PERCENT, "a", ppm=55_000, target=skus("A"))
    third = promotion(Kind.BUY_GET, "b", buy_quantity=2, get_quantity=1, ppm=100 * PERCENT)

    found = priced({"A": (price, 3)}, candidates(part, third), None, currency)

    assert CHARGES[currency].takes(found.totals.total.amount)


@pytest.mark.parametrize(("left", "shipping"), [(5000, 0), (4999, 490)])
def test_free_above_reads_the_goods_after_their_discounts(left: int, shipping: int) -> None:
    rates = (
        Rate(currency="EUR", from_=0, below=5000, amount=490),
        Rate(currency="EUR", from_=5000, below=None, amount=0),
    )
    method = Method(code="m", name="M", zone_id=None, active=True, rates=rates)
    off = promotion(Kind.FIXED_ONCE, value={"EUR": 1000})

    found = priced({"A": (left + 1000, 1)}, candidates(off), method)

    assert (found.totals.shipping.amount, found.totals.total.amount) == (shipping, left + shipping)


def test_shipping_is_discounted_after_the_goods() -> None:
    free = promotion(Kind.FREE_SHIPPING, "free", max_discount={"EUR": 400})
    half = promotion(Kind.PERCENT_SHIPPING, "half", ppm=50 * PERCENT, priority=1)

    found = priced({"A": (1000, 1)}, candidates(half, free), flat(500))

    assert [(each.promotion_id, each.target, each.amount, each.base) for each in found.discounts] == [
        ("half", "shipping", 250, 500),
        ("free", "shipping", 250, 250),
    ]
    assert (shares(found), found.totals.total.amount) == ({"A": 0}, 1000)


def test_the_snapshot_has_each_discount_of_each_line() -> None:
    found = priced({"A": (1000, 2)}, candidates(promotion(Kind.PERCENT, "ten", ppm=10 * PERCENT), codes=["TEN4"]))

    (each,) = found.discounts
    assert (each.promotion_id, each.name, each.code, each.target) == ("ten", "ten", "TEN4", "line:A")
    assert (each.amount, each.base) == (200, 2000)


REASONS: list[Any] = [
    (Reason.OVER, {"active": False}),
    (Reason.OVER, {"ends_at": NOW}),
    (Reason.NOT_YET, {"starts_at": NOW.replace(hour=13)}),
    (Reason.WRONG_CURRENCY, {"value": {"USD": 100}}),
    (Reason.WRONG_GOODS, {"target": skus("B")}),
    (Reason.WRONG_GOODS, {"target": Target(categories=frozenset({"lamps"}))}),
    (Reason.TOO_LITTLE, {"min_items": {"EUR": 1001}}),
    (Reason.TOO_LITTLE, {"min_quantity": 2}),
    (Reason.ADDRESS_NEEDED, {"ship_to": ("DE",)}),
    (None, {"min_items": {"EUR": 1000}, "min_quantity": 1, "starts_at": NOW}),
]


@pytest.mark.parametrize(("reason", "fields"), REASONS, ids=str)
def test_why_a_code_gives_nothing(reason: Reason | None, fields: Any) -> None:
    off = promotion(Kind.FIXED_ONCE, **{"value": {"EUR": 100}, **fields})

    found = priced({"A": (1000, 1)}, candidates(off, codes=["CODE"], unknown=("NONE",)))

    assert [(each.code, each.reason) for each in found.codes] == [("CODE", reason), ("NONE", Reason.UNKNOWN)]
    assert found.totals.discount.amount == (0 if reason else 100)


@pytest.mark.parametrize(("country", "reason"), [("AT", None), ("CH", Reason.WRONG_COUNTRY)])
def test_some_are_for_some_countries(country: str, reason: Reason | None) -> None:
    off = promotion(Kind.PERCENT, ppm=PERCENT, ship_to=("AT", "DE"))

    (code,) = priced({"A": (1000, 1)}, candidates(off, codes=["CODE"], ship_to=country)).codes

    assert code.reason is reason


def test_of_two_codes_of_one_promotion_the_first_by_code_counts() -> None:
    off = promotion(Kind.FIXED_ONCE, value={"EUR": 100})
    both = tuple(Candidate(promotion=off, code=code, shown=code) for code in ("BBBB", "AAAA"))

    found = priced({"A": (1000, 1)}, Promotions(at=NOW, candidates=both))

    assert [(each.code, each.reason) for each in found.codes] == [("AAAA", None), ("BBBB", Reason.NOT_WITH_OTHERS)]


def test_codes_that_lose_or_come_too_late_give_nothing() -> None:
    everything = promotion(Kind.PERCENT, "all", ppm=100 * PERCENT)
    late = promotion(Kind.FIXED_ONCE, "late", value={"EUR": 1})
    ships = promotion(Kind.FREE_SHIPPING, "ship")
    pairs = promotion(Kind.BUY_GET, "pairs", buy_quantity=1, get_quantity=1, ppm=1)
    loser = promotion(Kind.PERCENT, "small", ppm=1, combines=ALONE)

    found = priced(
        {"A": (1000, 1)},
        candidates(everything, late, ships, pairs, loser, codes=["ALL1", "LATE", "SHIP", "PAIR", "SMAL"]),
    )

    assert {each.code: each.reason for each in found.codes} == {
        "ALL1": None,
        "LATE": Reason.NOTHING_LEFT,
        "SHIP": Reason.NOTHING_LEFT,
        "PAIR": Reason.TOO_LITTLE,
        "SMAL": Reason.NOT_WITH_OTHERS,
    }


prices = st.integers(0, 10**6)
goods = st.dictionaries(st.sampled_from("ABCDEFGH"), st.tuples(prices, st.integers(1, 1000)), min_size=1)
targets = st.sets(st.sampled_from("ABCDEFGH"), max_size=4).map(lambda names: skus(*names))


@st.composite
def any_promotion(draw: Any) -> Promotion:
    kind = draw(st.sampled_from(list(Kind)))
    rule: dict[str, Any] = {"target": draw(targets), "min_items": draw(st.sampled_from([{}, {"EUR": 5000}]))}
    rule["max_discount"] = draw(st.one_of(st.just({}), st.integers(1, 10**6).map(lambda n: {"EUR": n})))
    if kind in {Kind.FIXED_EACH, Kind.FIXED_ONCE}:
        rule["value"] = {"EUR": draw(st.integers(1, 10**6))}
    else:
        rule["ppm"] = draw(st.integers(1, 10**6))
    if kind is Kind.BUY_GET:
        sets = st.integers(1, 5)
        rule |= {"buy": draw(targets), "buy_quantity": draw(sets), "get_quantity": draw(sets)}
    own = {"priority": draw(st.integers(0, 3)), "combines": draw(st.sampled_from(list(Combines)))}
    return promotion(kind, draw(st.uuids().map(str)), **own, **rule)


@pytest.mark.slow
@given(
    goods, st.lists(any_promotion(), max_size=6), st.randoms(), st.one_of(st.none(), st.integers(0, 10**4).map(flat))
)
def test_parts_add_up_and_no_order_of_them_matters(
    goods: dict[str, tuple[int, int]], promotions: list[Promotion], random: Any, method: Any
) -> None:
    found = priced(goods, candidates(*promotions), method)
    shuffled = list(promotions)
    random.shuffle(shuffled)
    lines = list(goods.items())
    random.shuffle(lines)

    assert priced(dict(lines), candidates(*shuffled), method) == found
    totals = found.totals
    assert totals.total == totals.items + totals.shipping + totals.tax - totals.discount
    assert totals.discount.amount == sum(each.amount for each in found.discounts)
    for line in found.lines:
        own = [each for each in found.discounts if each.target == f"line:{line.sku}"]
        assert line.discount == sum(each.amount for each in own) <= line.unit_price.amount * line.quantity
        assert all(0 < each.amount <= each.base for each in own)
        parts = [share_of(line.discount, 1, line.quantity, before) for before in range(min(line.quantity, 20))]
        assert sum(parts) == share_of(line.discount, len(parts), line.quantity)
        assert share_of(line.discount, line.quantity, line.quantity) == line.discount
    on_shipping = sum(each.amount for each in found.discounts if each.target == "shipping")
    assert 0 <= on_shipping <= totals.shipping.amount
    for one in promotions:
        limit = one.rule.max_discount.get("EUR")
        given_by = sum(each.amount for each in found.discounts if each.promotion_id == one.id)
        assert limit is None or given_by <= limit


@given(goods, st.lists(any_promotion(), max_size=4), st.one_of(st.none(), st.integers(0, 10**4)))
def test_in_steps_of_ten_or_a_hundred_all_is_as_in_steps_of_one(
    goods: dict[str, tuple[int, int]], promotions: list[Promotion], shipping: int | None
) -> None:
    found = priced(goods, candidates(*promotions), None if shipping is None else flat(shipping))

    for currency, step in (("KWD", 10), ("MGA", 100)):
        dear = {sku: (price * step, quantity) for sku, (price, quantity) in goods.items()}
        method = None if shipping is None else flat(shipping * step, currency)
        there = priced(dear, candidates(*(_in(each, currency, step) for each in promotions)), method, currency)
        assert shares(there) == {sku: off * step for sku, off in shares(found).items()}
        assert there.totals.total.amount == found.totals.total.amount * step


def _in(each: Promotion, currency: str, step: int) -> Promotion:
    amounts = {name: getattr(each.rule, name) for name in ("value", "min_items", "max_discount")}
    there = {name: {currency: of["EUR"] * step} if of else {} for name, of in amounts.items()}
    return replace(each, rule=replace(each.rule, **there))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_an_allocation_adds_up_and_is_within_one_unit(amount: int, weights: list[int]) -> None:
    parts, total = allocated(amount, weights), sum(weights)

    assert sum(parts) == (amount if total else 0)
    assert all(abs(part * total - amount * weight) < max(total, 1) for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
