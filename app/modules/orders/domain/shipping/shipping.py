"""Shipping methods, and what they cost: rates in bands of the goods' price or weight."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from app.kernel.errors import Conflict, Invalid
from app.kernel.money import CHARGES, Money

MAX_METHODS, MAX_BANDS, MAX_DAYS = 100, 50, 365
MAX_RATE = 10**9  # in the smallest unit


class RatedBy(StrEnum):
    """What the bands of a method measure: the price of the goods in the smallest unit, or their weight in grams."""

    PRICE = "price"
    WEIGHT = "weight"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One band, from `from_` up to but without `below` (None: without end), and what shipping costs in it."""

    currency: str
    from_: int
    below: int | None
    amount: int

    def has(self, measure: int) -> bool:
        return self.from_ <= measure and (self.below is None or measure < self.below)


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What is to be shipped: the price of all goods, and the weight of those that ship, in grams."""

    goods: Money
    weight_g: int


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to ship within a zone. Without a zone the customer collects the goods, and no address is needed."""

    code: str
    name: str
    zone_id: str | None
    carrier: str = ""
    tracking_url: str = ""
    min_days: int = 0
    max_days: int = 0
    active: bool = False
    rated_by: RatedBy = RatedBy.PRICE
    rates: tuple[Rate, ...] = ()
    tax_category: str = "standard"  # or `proportional`: as the goods are taxed
    version: int = 0

    @property
    def needs_address(self) -> bool:
        return self.zone_id is not None

    def price_of(self, parcel: Parcel) -> Money | None:
        """What it costs to ship this; None: the method is not for it, as no band of its currency has it."""
        measure = parcel.goods.amount if self.rated_by is RatedBy.PRICE else parcel.weight_g
        for rate in self.rates:
            if rate.currency == parcel.goods.currency and rate.has(measure):
                return Money(rate.amount, rate.currency)
        return None


def refuse_bad_method(method: Method) -> None:
    """Raises Invalid(bad_days), Conflict(rates_needed): without rates an active method would refuse every order."""
    if method.min_days > method.max_days:
        raise Invalid("bad_days", f"{method.min_days} to {method.max_days} days: the first number must not be higher")
    if method.active and not method.rates:
        raise Conflict("rates_needed", f"{method.code} has no rates: set its rates, then activate it")


def checked_rates(rates: Sequence[Rate]) -> tuple[Rate, ...]:
    """The rates by currency and band. In each currency the first band begins at 0, and each other one where the one
    before ends. Raises Invalid(bad_bands).
    """
    ordered = tuple(sorted(rates, key=lambda rate: (rate.currency, rate.from_)))
    for currency, group in groupby(ordered, key=lambda rate: rate.currency):
        bands = list(group)
        charge = CHARGES.get(currency)
        if charge is None:
            raise Invalid("bad_bands", f"{currency} cannot be charged: choose another currency")
        if bands[0].from_ != 0:
            raise Invalid("bad_bands", f"the first band in {currency} must begin at 0")
        for before, after in pairwise(bands):
            if before.below != after.from_:
                end = "nowhere" if before.below is None else f"below {before.below}"
                sentence = f"in {currency}, a band ends {end} and the next one begins at {after.from_}: let them meet"
                raise Invalid("bad_bands", sentence)
        for band in bands:
            if band.below is not None and band.below <= band.from_:
                raise Invalid("bad_bands", f"in {currency}, the band from {band.from_} must end above that")
            if band.amount % charge.step:
                sentence = f"{Money(band.amount, currency)} can never be charged: use a multiple of {charge.step}"
                raise Invalid("bad_bands", sentence)
    return ordered
