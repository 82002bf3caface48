"""Set up tax: categories, registrations and rates. The trail has who did it and why."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.errors import Conflict, Invalid
from app.kernel.expected import Expected
from app.modules.orders.domain.tax.rules import PROPORTIONAL, STANDARD, Registration, TaxRate
from app.modules.orders.domain.tax.setting import (
    Category,
    refuse_overlap,
    refuse_past,
    refuse_second_registration,
    refuse_without_rates,
)
from app.modules.orders.domain.zone import Area, checked_area
from app.modules.orders.ports import UnitOfWork


def add_category(uow: UnitOfWork, category: Category, who: str, why: str) -> Category:
    """Raises Conflict(tax_category_exists, too_many_tax_categories)."""
    if category.slug == PROPORTIONAL:
        sentence = f"{PROPORTIONAL} has a meaning for shipping methods: choose another slug"
        raise Conflict("tax_category_exists", sentence)
    uow.tax.lock()
    uow.trail.record(who, "add tax category", category.slug, why)
    uow.tax.add_category(category)
    return category


def remove_category(uow: UnitOfWork, slug: str, who: str, why: str) -> None:
    """Raises NotFound(no_such_tax_category), Conflict(tax_category_in_use)."""
    if slug == STANDARD:
        raise Conflict("tax_category_in_use", "everything that names no other category is standard")
    uow.tax.lock()
    uow.trail.record(who, "remove tax category", slug, why)
    uow.tax.remove_category(slug)


def add_registration(uow: UnitOfWork, new: Registration, who: str, why: str) -> Registration:
    """Collect tax in a country or region, which needs a standard rate first.

    Raises Conflict(already_registered, tax_rates_needed, too_many_tax_registrations), Invalid(bad_area, bad_validity).
    """
    area = checked_area(Area(country=new.country, region=new.region))
    registration = replace(new, region=area.region)
    uow.tax.lock()
    _refuse_reversed(new.since, new.until)
    refuse_second_registration(registration, uow.tax.registrations())
    refuse_without_rates(registration, uow.tax.rates_of(registration.country), uow.now)
    uow.trail.record(who, "add tax registration", str(new.id), why)
    return uow.tax.save_registration(registration)


def end_registration(
    uow: UnitOfWork, id: UUID, until: datetime | None, expected: Expected, who: str, why: str
) -> Registration:
    """Raises NotFound(no_such_tax_registration), PreconditionFailed(stale_version), Conflict(already_registered),
    Invalid(bad_validity), Stale.
    """
    uow.tax.lock()
    registration = uow.tax.registration(id)
    expected.check(registration.version)
    if until == registration.until:
        return registration
    refuse_past(registration.since, registration.until, until, uow.now)
    changed = replace(registration, until=until)
    refuse_second_registration(changed, uow.tax.registrations())
    uow.trail.record(who, "end tax registration", str(id), why)
    return uow.tax.save_registration(changed)


def add_rate(uow: UnitOfWork, new: TaxRate, who: str, why: str) -> TaxRate:
    """Raises Conflict(tax_rate_overlaps, too_many_tax_rates), Invalid(bad_area, bad_validity, unknown_tax_category)."""
    area = checked_area(Area(country=new.country, region=new.region, postal_prefix=new.postal_prefix))
    rate = replace(new, region=area.region, postal_prefix=area.postal_prefix)
    uow.tax.lock()
    _refuse_reversed(new.valid_from, new.valid_until)
    refuse_unknown_category(uow, rate.category)
    refuse_overlap(rate, uow.tax.rates_of(rate.country))
    uow.trail.record(who, "add tax rate", str(new.id), why)
    return uow.tax.save_rate(rate)


def end_rate(uow: UnitOfWork, id: UUID, until: datetime | None, expected: Expected, who: str, why: str) -> TaxRate:
    """End a rate, or move its end; nothing else of it ever changes, so that the past can be computed.

    Raises NotFound(no_such_tax_rate), PreconditionFailed(stale_version), Conflict(tax_rate_overlaps),
    Invalid(bad_validity), Stale.
    """
    uow.tax.lock()
    rate = uow.tax.rate(id)
    expected.check(rate.version)
    if until == rate.valid_until:
        return rate
    refuse_past(rate.valid_from, rate.valid_until, until, uow.now)
    changed = replace(rate, valid_until=until)
    refuse_overlap(changed, uow.tax.rates_of(rate.country))
    uow.trail.record(who, "end tax rate", str(id), why)
    return uow.tax.save_rate(changed)


def refuse_unknown_category(uow: UnitOfWork, slug: str) -> None:
    """Raises Invalid(unknown_tax_category)."""
    if slug not in {each.slug for each in uow.tax.categories()}:
        raise Invalid("unknown_tax_category", f"there is no tax category {slug}: add it first")


def _refuse_reversed(begins: datetime, ends: datetime | None) -> None:
    if ends is not None and ends < begins:
        raise Invalid("bad_validity", "the end must not lie before the beginning")
