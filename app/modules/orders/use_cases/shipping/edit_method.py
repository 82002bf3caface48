"""Add or change a shipping method, or replace its rates. The trail has who did it and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.kernel.errors import Invalid, NotFound
from app.kernel.expected import Expected
from app.modules.orders.domain.shipping.shipping import Method, Rate, RatedBy, checked_rates, refuse_bad_method
from app.modules.orders.domain.tax.rules import PROPORTIONAL, STANDARD
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.tax.edit_category import refuse_unknown_category


def add_method(uow: UnitOfWork, new: Method, who: str, why: str) -> Method:
    """Add a method, which is inactive until it has rates.

    Raises Conflict(shipping_method_exists, too_many_shipping_methods), Invalid(bad_days, unknown_zone,
    unknown_tax_category).
    """
    refuse_bad_method(new)
    _refuse_unknown_zone(uow, new)
    _refuse_unknown_category(uow, new)
    uow.trail.record(who, "add shipping method", new.code, why)
    return uow.shipping.save_method(new)


def change_method(
    uow: UnitOfWork, code: str, changes: Mapping[str, Any], expected: Expected, who: str, why: str
) -> Method:
    """Raises NotFound(no_such_shipping_method), PreconditionFailed(stale_version), Conflict(rates_needed),
    Invalid(bad_days, unknown_zone, unknown_tax_category), Stale.
    """
    method = uow.shipping.method(code)
    expected.check(method.version)
    changed = replace(method, **changes)
    refuse_bad_method(changed)
    _refuse_unknown_zone(uow, changed)
    _refuse_unknown_category(uow, changed)
    if changed == method:
        return method
    uow.trail.record(who, "change shipping method", code, why)
    return uow.shipping.save_method(changed)


def replace_rates(
    uow: UnitOfWork, code: str, by: RatedBy, rates: Sequence[Rate], expected: Expected, who: str, why: str
) -> Method:
    """Replace all rates of a method. Whoever places an order meanwhile pays the old price or gets price_changed.

    Raises NotFound(no_such_shipping_method), PreconditionFailed(stale_version), Conflict(rates_needed),
    Invalid(bad_bands), Stale.
    """
    method = uow.shipping.method(code)
    expected.check(method.version)
    changed = replace(method, rated_by=by, rates=checked_rates(rates))
    refuse_bad_method(changed)
    if changed == method:
        return method
    uow.trail.record(who, "replace shipping rates", code, why)
    return uow.shipping.save_rates(changed)


def _refuse_unknown_zone(uow: UnitOfWork, method: Method) -> None:
    if method.zone_id is None:
        return
    try:
        uow.shipping.zone(method.zone_id)  # zones are never deleted
    except NotFound:
        raise Invalid("unknown_zone", f"there is no zone {method.zone_id}: add it first") from None


def _refuse_unknown_category(uow: UnitOfWork, method: Method) -> None:
    if method.tax_category not in {STANDARD, PROPORTIONAL}:
        refuse_unknown_category(uow, method.tax_category)
