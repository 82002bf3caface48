"""Add or change a zone. The trail has who did it and why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.kernel.expected import Expected
from app.modules.orders.domain.shipping.zone import Zone, checked_area
from app.modules.orders.ports import UnitOfWork


def add_zone(uow: UnitOfWork, new: Zone, who: str, why: str) -> Zone:
    """Raises Conflict(zone_exists, too_many_zones), Invalid(bad_area)."""
    zone = replace(new, areas=tuple(map(checked_area, new.areas)))
    uow.trail.record(who, "add zone", zone.id, why)
    return uow.shipping.save_zone(zone)


def change_zone(uow: UnitOfWork, id: str, changes: Mapping[str, Any], expected: Expected, who: str, why: str) -> Zone:
    """Change a zone; new areas replace all of them. Orders that were placed keep their method and its price.

    Raises NotFound(no_such_zone), PreconditionFailed(stale_version), Invalid(bad_area), Stale.
    """
    zone = uow.shipping.zone(id)
    expected.check(zone.version)
    changed = replace(zone, **changes)
    if "areas" in changes:
        changed = replace(changed, areas=tuple(map(checked_area, changed.areas)))
    if changed == zone:
        return zone
    uow.trail.record(who, "change zone", zone.id, why)
    return uow.shipping.save_zone(changed)
