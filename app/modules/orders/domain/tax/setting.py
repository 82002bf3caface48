"""What staff set up about tax, and what orders keep of it, as a port; and what may be set up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.rules import STANDARD, Registration, TaxRate, TaxRules
from app.modules.orders.domain.tax.taxed import TaxLine

MAX_CATEGORIES, MAX_REGISTRATIONS, MAX_RATES = 100, 500, 5000


@dataclass(frozen=True)
class Category:
    """What is taxed alike. `standard` is given; a thing whose category has no rate at a place is taxed as that."""

    slug: str
    name: str


class Tax(Protocol):
    """The settings of tax, and the tax lines of orders. A save succeeds only for the version that was read."""

    def rules(self, place: Destination | None) -> TaxRules:
        """What is in force now, for this place or the home country. Tax that is off, or of which a provider is asked,
        costs no statement.
        """

    def rules_by_rates(self, place: Destination | None) -> TaxRules:
        """What is in force now by the table of rates, whoever computes tax."""

    def lock(self) -> None:
        """Let nobody else change these settings until the transaction ends, since they depend on each other."""

    def categories(self) -> Sequence[Category]: ...

    def unknown_categories(self) -> Sequence[tuple[str, int, str]]:
        """Categories that offers on sale are of and that do not exist: slug, number of SKUs, the first of them."""

    def add_category(self, category: Category) -> None:
        """Raises Conflict(tax_category_exists, too_many_tax_categories)."""

    def remove_category(self, slug: str) -> None:
        """Raises NotFound(no_such_tax_category), Conflict(tax_category_in_use)."""

    def registrations(self) -> Sequence[Registration]: ...

    def registration(self, id: UUID) -> Registration:
        """Raises NotFound(no_such_tax_registration)."""

    def save_registration(self, registration: Registration) -> Registration:
        """Raises Conflict(too_many_tax_registrations)."""

    def rates(self, country: str | None, after: UUID | None, limit: int) -> Sequence[TaxRate]:
        """By id, those of a country or all."""

    def rates_of(self, country: str) -> Sequence[TaxRate]: ...

    def rate(self, id: UUID) -> TaxRate:
        """Raises NotFound(no_such_tax_rate)."""

    def save_rate(self, rate: TaxRate) -> TaxRate:
        """Raises Conflict(too_many_tax_rates)."""

    def save_lines(self, order_id: UUID, lines: Iterable[TaxLine]) -> None: ...

    def lines(self, order_id: UUID) -> Sequence[TaxLine]: ...


def refuse_overlap(rate: TaxRate, others: Iterable[TaxRate]) -> None:
    """Raises Conflict(tax_rate_overlaps): of one place, category and name only one rate is valid at a time."""
    for other in others:
        if other.id != rate.id and _key(other) == _key(rate) and _overlap(_times(rate), _times(other)):
            end = other.valid_until
            sentence = f"{rate.name} of {rate.category} in {rate.jurisdiction} has a rate until {end or 'it is ended'}"
            raise Conflict("tax_rate_overlaps", f"{sentence}: end that one, and begin this one then")


def refuse_second_registration(registration: Registration, others: Iterable[Registration]) -> None:
    """Raises Conflict(already_registered)."""
    for other in others:
        is_same = (other.country, other.region) == (registration.country, registration.region)
        times = (registration.since, registration.until), (other.since, other.until)
        if other.id != registration.id and is_same and _overlap(*times):
            raise Conflict("already_registered", "the shop is registered there at that time: end that registration")


def refuse_without_rates(registration: Registration, rates: Iterable[TaxRate], now: datetime) -> None:
    """Raises Conflict(tax_rates_needed): without a standard rate, the shop would refuse each order there."""
    place = Destination(country=registration.country, region=registration.region)
    begins = max(registration.since, now)
    for rate in rates:
        if rate.category == STANDARD and rate.has(place) and rate.is_in_force(begins):
            return
    raise Conflict("tax_rates_needed", f"{place.ship_to} has no standard rate that is valid then: add it first")


def refuse_past(begins: datetime, ended: datetime | None, ends: datetime | None, now: datetime) -> None:
    """Raises Invalid(bad_validity): the past stays as it was, so an end lies in the future, and is not moved once it
    has come.
    """
    if ended is not None and ended <= now:
        raise Invalid("bad_validity", "it has ended: add another one")
    if ends is not None and ends < max(begins, now):
        raise Invalid("bad_validity", "the end must not lie in the past, or before the beginning")


def refuse_reversed(begins: datetime, ends: datetime | None) -> None:
    """Raises Invalid(bad_validity)."""
    if ends is not None and ends < begins:
        raise Invalid("bad_validity", "the end must not lie before the beginning")


Times = tuple[datetime, datetime | None]


def _times(rate: TaxRate) -> Times:
    return rate.valid_from, rate.valid_until


def _key(rate: TaxRate) -> tuple[str, ...]:
    return rate.country, rate.region, rate.postal_prefix, rate.category, rate.name


def _overlap(one: Times, other: Times) -> bool:
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])
