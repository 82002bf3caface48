"""Add or end a tax rate. The trail has who did it and why."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.kernel.expected import Expected
from app.modules.orders.domain.shipping.zone import Area, checked_area
from app.modules.orders.domain.tax.rules import TaxRate
from app.modules.orders.domain.tax.setting import refuse_overlap, refuse_past, refuse_reversed
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_category import refuse_unknown_category


def add_rate(uow: UnitOfWork, new: TaxRate, who: str, why: str) -> TaxRate:
    """Raises Conflict(tax_rate_overlaps, too_many_tax_rates), Invalid(bad_area, bad_validity, unknown_tax_category)."""
    area = checked_area(Area(country=new.country, region=new.region, postal_prefix=new.postal_prefix))
    rate = replace(new, region=area.region, postal_prefix=area.postal_prefix)
    uow.tax.lock()
    refuse_reversed(new.valid_from, new.valid_until)
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
