"""The response bodies of tax."""

from uuid import UUID

from msgspec import Struct

from app.modules.orders.domain.tax import rules, setting
from app.modules.orders.domain.tax.rules import Reason
from app.web.blueprint import Timestamp


class TaxCategory(Struct, frozen=True):
    """What is taxed alike."""

    slug: str
    name: str


class TaxCategoryList(Struct, frozen=True):
    """All categories, in one page, by slug."""

    items: list[TaxCategory]
    next: None = None


class TaxRegistration(Struct, frozen=True):
    """Where the shop collects tax: in a country or, with `region`, in that region only."""

    id: UUID
    country: str
    region: str
    since: Timestamp
    until: Timestamp | None
    version: int


class TaxRegistrationList(Struct, frozen=True):
    """All registrations, in one page, the oldest first."""

    items: list[TaxRegistration]
    next: None = None


class TaxRate(Struct, frozen=True):
    """A rate in parts per million of a category in a place, while it is valid."""

    id: UUID
    country: str
    region: str
    postal_prefix: str
    category: str
    name: str
    ppm: int
    tax_reason: Reason
    valid_from: Timestamp
    valid_until: Timestamp | None
    version: int


class TaxRatePage(Struct, frozen=True):
    """Rates, the oldest first."""

    items: list[TaxRate]
    next: str | None


def category_view(category: setting.Category) -> TaxCategory:
    return TaxCategory(category.slug, category.name)


def registration_view(found: rules.Registration) -> TaxRegistration:
    return TaxRegistration(found.id, found.country, found.region, found.since, found.until, found.version)


def rate_view(rate: rules.TaxRate) -> TaxRate:
    return TaxRate(
        id=rate.id,
        country=rate.country,
        region=rate.region,
        postal_prefix=rate.postal_prefix,
        category=rate.category,
        name=rate.name,
        ppm=rate.ppm,
        tax_reason=rate.reason,
        valid_from=rate.valid_from,
        valid_until=rate.valid_until,
        version=rate.version,
    )
