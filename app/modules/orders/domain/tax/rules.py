"""What decides the tax of an order: the shop's policy, where it collects, the rates in force, the buyer's number."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.modules.orders.domain.shipping.zone import Area, Destination

STANDARD = "standard"  # the category of whatever names no other
PROPORTIONAL = "proportional"  # of a shipping method: its price is split over the tax of the goods
MILLION = 10**6
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


class Reason(StrEnum):
    """Why tax is as high as it is. Zeros of different reasons stand in different boxes of a tax return."""

    STANDARD_RATED = "standard_rated"
    REDUCED_RATED = "reduced_rated"
    ZERO_RATED = "zero_rated"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY_SUPPLY = "intra_community_supply"
    EXPORT = "export"
    CUSTOMER_EXEMPT = "customer_exempt"
    PRODUCT_EXEMPT = "product_exempt"
    NOT_COLLECTING = "not_collecting"


class Engine(StrEnum):
    """Who computes tax. `off`: nobody, and orders have none. `stripe`: a provider, which a quote asks."""

    OFF = "off"
    INTERNAL = "internal"
    STRIPE = "stripe"


class WhenAway(StrEnum):
    """What a quote does while the provider gives no answer: refuse, or compute the tax from the table of rates."""

    REFUSE = "refuse"
    INTERNAL = "internal"


class Prices(StrEnum):
    """What catalog's prices and the rates of shipping are: without tax, or with it."""

    NET = "net"
    GROSS = "gross"


class Rounding(StrEnum):
    """Where tax is rounded: once for all lines with the same rates, or for each line."""

    GROUP = "group"
    LINE = "line"


class ExportPrice(StrEnum):
    """What a gross price becomes where no tax is charged: without the tax of the home country, or the same."""

    NET = "net"
    SAME = "same"


@dataclass(frozen=True, kw_only=True)
class TaxPolicy:
    """The settings of tax. `home`: where the shop is, as a country with or without a region."""

    engine: Engine = Engine.OFF
    prices: Prices = Prices.GROSS
    rounding: Rounding = Rounding.GROUP
    export_price: ExportPrice = ExportPrice.SAME
    home: Destination = field(default_factory=lambda: Destination(country=""))
    when_away: WhenAway = WhenAway.REFUSE

    @property
    def is_off(self) -> bool:
        return self.engine is Engine.OFF

    @property
    def is_asked(self) -> bool:
        """Whether a provider is asked: then the table of rates decides nothing while it answers."""
        return self.engine is Engine.STRIPE

    @property
    def is_gross(self) -> bool:
        return self.prices is Prices.GROSS


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Where the shop collects tax: in a country or, with a region, in that region only."""

    id: UUID
    country: str
    region: str = ""
    since: datetime
    until: datetime | None = None
    version: int = 0

    def has(self, place: Destination) -> bool:
        return self.country == place.country and self.region in {"", place.region}

    def is_in_force(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, kw_only=True)
class TaxRate:
    """One rate of one category in one place, while it is valid. `ppm`: parts per million, so 19 % is 190000."""

    id: UUID
    country: str
    region: str = ""
    postal_prefix: str = ""
    category: str = STANDARD
    name: str
    ppm: int
    reason: Reason = Reason.STANDARD_RATED
    valid_from: datetime
    valid_until: datetime | None = None
    version: int = 0

    def has(self, place: Destination) -> bool:
        return Area(country=self.country, region=self.region, postal_prefix=self.postal_prefix).has(place)

    def is_in_force(self, now: datetime) -> bool:
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)

    @property
    def detail(self) -> tuple[int, int]:
        """How specific its place is: longer prefixes of postal codes are more so, then a region."""
        return len(self.postal_prefix), len(self.region)

    @property
    def jurisdiction(self) -> str:
        """The place as reports have it: DE, US-TX, US-TX/787."""
        region, prefix = self.region and f"-{self.region}", self.postal_prefix and f"/{self.postal_prefix}"
        return f"{self.country}{region}{prefix}"


class NumberState(StrEnum):
    """What the verifier has answered about a tax number; only `valid` changes the tax."""

    PENDING = "pending"
    VALID = "valid"
    INVALID = "invalid"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True)
class BuyerNumber:
    """The tax number of a buyer, and what is known of it. It is personal data."""

    country: str
    number: str = field(repr=False)
    state: NumberState
    checked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TaxRules:
    """All that decides the tax of one order: registrations and rates are those in force at its time, of the place and
    of the home country. A provider that is asked has its own.

    `today`: the UTC day of the order. `is_exempt`: staff have marked the customer as exempt from tax.
    """

    policy: TaxPolicy = field(default_factory=TaxPolicy)
    place: Destination = field(default_factory=lambda: Destination(country=""))
    registrations: tuple[Registration, ...] = ()
    rates: tuple[TaxRate, ...] = ()
    buyer: BuyerNumber | None = None
    today: str = ""
    is_exempt: bool = False

    @property
    def at_home(self) -> "TaxRules":
        """The rules for what is handed over in the home country, such as goods that the customer collects."""
        return replace(self, place=self.policy.home, buyer=None)

    def are_alike_at(self, others: "TaxRules") -> bool:
        """Whether the places of both decide alike."""
        here, there = ({each.id for each in rules.rates if each.has(rules.place)} for rules in (self, others))
        return self.place.ship_to == others.place.ship_to and here == there

    def collects_in(self, place: Destination) -> bool:
        return any(each.has(place) for each in self.registrations)


NO_TAX = TaxRules()
