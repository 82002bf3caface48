"""Money adds up to the last cent, in one currency at a time."""

from decimal import Decimal

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.kernel.money import DECIMALS, MAX_AMOUNT, Money

SMALL = st.integers(-MAX_AMOUNT // 4, MAX_AMOUNT // 4)
AMOUNTS = st.integers(-MAX_AMOUNT, MAX_AMOUNT)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CHF"])


@seed(3)
@given(SMALL, SMALL, SMALL, CURRENCIES)
def test_adding_is_adding_of_whole_numbers(a: int, b: int, c: int, currency: str) -> None:
    first, second, third = (Money(n, currency) for n in (a, b, c))

    assert first + second == second + first == Money(a + b, currency)
    assert (first + second) + third == first + (second + third)
    assert first + second - second == first
    assert first + Money(0, currency) == first


@seed(3)
@given(st.integers(-1000, 1000), st.integers(0, 1000), CURRENCIES)
def test_multiplying_is_repeated_adding(amount: int, times: int, currency: str) -> None:
    total = Money(0, currency)
    for _ in range(times):
        total += Money(amount, currency)

    assert Money(amount, currency) * times == total


@seed(3)
@given(AMOUNTS, AMOUNTS)
def test_it_is_ordered_by_amount(a: int, b: int) -> None:
    assert (Money(a, "EUR") < Money(b, "EUR")) is (a < b)
    assert (Money(a, "EUR") <= Money(b, "EUR")) is (a <= b)
    assert (Money(a, "EUR") > Money(b, "EUR")) is (a > b)
    assert (Money(a, "EUR") == Money(b, "EUR")) is (a == b)


@seed(3)
@given(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD", "ISK", "BHD"]))
def test_what_is_shown_can_be_read_back_to_the_last_digit(amount: int, currency: str) -> None:
    shown, _, name = str(Money(amount, currency)).partition(" ")

    assert name == currency
    assert Decimal(shown).scaleb(DECIMALS.get(currency, 2)) == amount
    assert len(shown.partition(".")[2]) == DECIMALS.get(currency, 2)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1999, "EUR", "19.99 EUR"),
        (5, "EUR", "0.05 EUR"),
        (0, "EUR", "0.00 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (-1999, "EUR", "-19.99 EUR"),
        (1999, "JPY", "1999 JPY"),
        (0, "JPY", "0 JPY"),
        (1999, "KWD", "1.999 KWD"),
        (7, "KWD", "0.007 KWD"),
        (MAX_AMOUNT, "EUR", "10000000000.00 EUR"),
    ],
)
def test_it_is_shown_with_the_decimals_of_its_currency(amount: int, currency: str, shown: str) -> None:
    assert str(Money(amount, currency)) == shown


@pytest.mark.parametrize("amount", [1.0, 19.99, float("nan"), True, False, "1", None, Decimal(1), b"1", [1]])
def test_an_amount_is_a_whole_number_and_nothing_else(amount: object) -> None:
    with pytest.raises(Invalid) as refused:
        Money(amount, "EUR")  # type: ignore[arg-type]

    assert refused.value.code == "bad_amount"


@pytest.mark.parametrize("times", [0.5, 2.0, True, "2", None, Decimal(2)])
def test_it_is_multiplied_by_whole_numbers_only(times: object) -> None:
    with pytest.raises(Invalid) as refused:
        Money(100, "EUR") * times  # type: ignore[operator]

    assert refused.value.code == "bad_quantity"


@pytest.mark.parametrize("currency", ["", "EU", "EURO", "eur", "Eur", "E1R", "€€€", "ÄÖÜ", "E R", "EUR\n", " EUR"])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money(1, currency)

    assert refused.value.code == "bad_currency"


@pytest.mark.parametrize(
    "mix", [Money.__add__, Money.__sub__, Money.__lt__, Money.__le__], ids=["add", "subtract", "less", "at most"]
)
def test_two_currencies_are_never_mixed(mix: object) -> None:
    with pytest.raises(Invalid) as refused:
        mix(Money(1, "EUR"), Money(1, "USD"))  # type: ignore[operator]

    assert refused.value.code == "mixed_currencies"
    assert "EUR and USD" in refused.value.sentence


def test_one_euro_is_not_one_dollar() -> None:
    assert Money(100, "EUR") != Money(100, "USD")
    assert len({Money(100, "EUR"), Money(100, "USD"), Money(100, "EUR")}) == 2


def test_amounts_stay_within_bounds_whatever_is_done_with_them() -> None:
    maximum = Money(MAX_AMOUNT, "EUR")
    for beyond in (
        lambda: Money(MAX_AMOUNT + 1, "EUR"),
        lambda: Money(-MAX_AMOUNT - 1, "EUR"),
        lambda: maximum + Money(1, "EUR"),
        lambda: maximum * 2,
        lambda: Money(-MAX_AMOUNT, "EUR") - Money(1, "EUR"),
        lambda: Money(1, "EUR") * 10**30,
    ):
        with pytest.raises(Invalid, match="an amount is at most"):
            beyond()

    assert maximum - maximum == Money(0, "EUR")
    assert MAX_AMOUNT * 1000 < 2**63


def test_it_cannot_be_changed() -> None:
    price = Money(100, "EUR")

    with pytest.raises(AttributeError):
        price.amount = 1  # type: ignore[misc]


def test_it_is_not_added_to_a_bare_number() -> None:
    with pytest.raises(AttributeError):
        Money(100, "EUR") + 1  # type: ignore[operator]
