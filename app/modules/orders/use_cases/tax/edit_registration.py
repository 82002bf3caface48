"""Begin or end to collect tax in a place. The trail has who did it and why."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.expected import Expected
from app.modules.orders.domain.shipping.zone import Area, checked_area
from app.modules.orders.domain.tax.rules import Registration
from app.modules.orders.domain.tax.setting import (
    refuse_past,
    refuse_reversed,
    refuse_second_registration,
    refuse_without_rates,
)
from app.modules.orders.ports import UnitOfWork


def add_registration(uow: UnitOfWork, new: Registration, who: str, why: str) -> Registration:
    """Collect tax in a country or region, which needs a standard rate first.

    Raises Conflict(already_registered, tax_rates_needed, too_many_tax_registrations), Invalid(bad_area, bad_validity).
    """
    area = checked_area(Area(country=new.country, region=new.region))
    registration = replace(new, region=area.region)
    uow.tax.lock()
    refuse_reversed(new.since, new.until)
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
