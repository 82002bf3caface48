"""The currencies that can be charged (kernel/money) and Stripe's units for them: both tables agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.kernel.money import CHARGES, Money
from app.modules.payments.infrastructure.stripe.units import UNITS, from_stripe, to_stripe
from sandbox.currencies import MINIMUM, TAKEN, check_amount
from sandbox.refusals import Refused

EACH = pytest.mark.parametrize("currency", sorted(CHARGES))


def test_every_currency_that_can_be_charged_has_its_unit_and_no_other_has() -> None:
    assert CHARGES.keys() == UNITS.keys() == {code.upper() for code in TAKEN}
    assert {code.upper() for code in MINIMUM} <= CHARGES.keys()


@EACH
def test_the_least_and_the_largest_are_taken_and_what_is_beyond_them_is_not(currency: str) -> None:
    charge = CHARGES[currency]
    for amount in (charge.minimum, charge.maximum):
        assert charge.takes(amount)
        check_amount(to_stripe(Money(amount, currency)), currency.lower())
    for amount in (charge.minimum - charge.step, charge.maximum + charge.step):
        assert not charge.takes(amount)
        with pytest.raises(Refused):
            check_amount(to_stripe(Money(amount, currency)), currency.lower())


@EACH
def test_a_fraction_of_a_step_is_never_taken(currency: str) -> None:
    charge = CHARGES[currency]
    if charge.step == 1:
        return
    odd = Money(charge.minimum * 10 + 1, currency)
    assert not charge.takes(odd.amount)
    with pytest.raises((Invalid, Refused)):
        check_amount(to_stripe(odd), currency.lower())


@given(st.sampled_from(sorted(CHARGES)), st.integers(0, 99_999_999))
def test_every_amount_comes_back_as_it_went(currency: str, steps: int) -> None:
    money = Money(steps * CHARGES[currency].step, currency)

    assert from_stripe(to_stripe(money), currency.lower()) == money


@pytest.mark.parametrize("currency", ["IQD", "XTS", "ZZZ"])
def test_what_stripe_does_not_take_is_refused_both_ways(currency: str) -> None:
    with pytest.raises(Invalid):
        to_stripe(Money(1000, currency))
    with pytest.raises(Invalid):
        from_stripe(1000, currency.lower())


def test_half_a_krona_of_iceland_is_nothing_of_ours() -> None:
    with pytest.raises(Invalid):
        from_stripe(5050, "isk")
