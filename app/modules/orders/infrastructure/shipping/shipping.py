"""Zones, shipping methods and rates in the database."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, or_, select, text, update

from app.kernel.compiled import execute
from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, NotFound, Stale
from app.modules.orders.domain.shipping.shipping import MAX_METHODS, Method, Rate, RatedBy
from app.modules.orders.domain.shipping.zone import MAX_ZONES, Area, Destination, Zone, zone_of
from app.modules.orders.infrastructure.settings_cache import CachedSettings
from app.modules.orders.infrastructure.shipping.tables import shipping_methods, shipping_rates, zone_areas, zones

ZONES = (
    select(zones, *(each for each in zone_areas.c if each is not zone_areas.c.zone_id))
    .outerjoin(zone_areas, zone_areas.c.zone_id == zones.c.id)
    .order_by(zones.c.id, zone_areas.c.n)
)
OF_COUNTRY = ZONES.where(zone_areas.c.country == bindparam("country"))
ONE_ZONE = ZONES.where(zones.c.id == bindparam("id"))
METHODS = (
    select(shipping_methods, *(each for each in shipping_rates.c if each is not shipping_rates.c.method))
    .outerjoin(shipping_rates, shipping_rates.c.method == shipping_methods.c.code)
    .order_by(shipping_methods.c.code, shipping_rates.c.currency, shipping_rates.c.from_)
)
OFFERED = METHODS.where(
    shipping_methods.c.active,
    or_(shipping_methods.c.zone_id == bindparam("zone"), shipping_methods.c.zone_id.is_(None)),
)
ONE_METHOD = METHODS.where(shipping_methods.c.code == bindparam("code"))
LOCK = text("SELECT pg_advisory_xact_lock(5904787)")  # of whoever adds a zone or a method, until the transaction ends


class SqlShipping:
    def __init__(self, connection: Connection, cached: CachedSettings) -> None:
        self._connection = connection
        self._cached = cached

    def zone_for(self, destination: Destination) -> str | None:
        country = destination.country

        def read() -> Sequence[Zone]:
            return _zones_of(execute(self._connection, OF_COUNTRY, {"country": country}).all())

        return zone_of(self._cached.get(("zones", country), read), destination)

    def methods_for(self, zone_id: str | None) -> Sequence[Method]:
        def read() -> Sequence[Method]:
            return _methods_of(execute(self._connection, OFFERED, {"zone": zone_id}).all())

        return self._cached.get(("methods", zone_id), read)

    def zones(self) -> Sequence[Zone]:
        return _zones_of(execute(self._connection, ZONES, {}).all())

    def zone(self, id: str) -> Zone:
        found = _zones_of(execute(self._connection, ONE_ZONE, {"id": id}).all())
        if not found:
            raise NotFound("no_such_zone", f"there is no zone {id}")
        return found[0]

    def save_zone(self, zone: Zone) -> Zone:
        self._cached.forget()
        saved = replace(zone, version=zone.version + 1)
        row = {name: getattr(saved, name) for name in ("id", "name", "priority", "version")}
        if zone.version == 0:
            self._refuse_more(zones, MAX_ZONES, "too_many_zones")
            taken = Conflict("zone_exists", f"there is a zone {zone.id} already: choose another id")
            with refusing(taken, "zones_pkey", on_sqlite="UNIQUE constraint failed: zones.id"):
                self._connection.execute(insert(zones), row)
        else:
            self._change(zones, zones.c.id == zone.id, zone.version, row)
            self._connection.execute(delete(zone_areas).where(zone_areas.c.zone_id == zone.id))
        areas = [{"zone_id": zone.id, "n": n, **asdict(area)} for n, area in enumerate(zone.areas)]
        if areas:
            self._connection.execute(insert(zone_areas), areas)
        return saved

    def methods(self) -> Sequence[Method]:
        return _methods_of(execute(self._connection, METHODS, {}).all())

    def method(self, code: str) -> Method:
        found = _methods_of(execute(self._connection, ONE_METHOD, {"code": code}).all())
        if not found:
            raise NotFound("no_such_shipping_method", f"there is no shipping method {code}")
        return found[0]

    def save_method(self, method: Method) -> Method:
        self._cached.forget()
        saved = replace(method, version=method.version + 1)
        row = {column.name: getattr(saved, column.name) for column in shipping_methods.c}
        if method.version == 0:
            self._refuse_more(shipping_methods, MAX_METHODS, "too_many_shipping_methods")
            taken = Conflict("shipping_method_exists", f"there is a method {method.code} already: choose another code")
            on_sqlite = "UNIQUE constraint failed: shipping_methods.code"
            with refusing(taken, "shipping_methods_pkey", on_sqlite=on_sqlite):
                self._connection.execute(insert(shipping_methods), row)
        else:
            self._change(shipping_methods, shipping_methods.c.code == method.code, method.version, row)
        return saved

    def save_rates(self, method: Method) -> Method:
        saved = self.save_method(method)  # first: whoever else changes the method waits for it, and is too late then
        self._connection.execute(delete(shipping_rates).where(shipping_rates.c.method == method.code))
        if method.rates:
            self._connection.execute(
                insert(shipping_rates), [{"method": method.code, **asdict(rate)} for rate in method.rates]
            )
        return saved

    def _change(self, table: Table, is_it: Any, read: int, row: dict[str, Any]) -> None:
        statement = update(table).where(is_it, table.c.version == read)
        if self._connection.execute(statement, row).rowcount == 0:
            raise Stale(f"a row of {table.name} was changed by someone else")

    def _refuse_more(self, table: Table, maximum: int, code: str) -> None:
        """SQLite has one writer at a time. On PostgreSQL two could both take the last place."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(LOCK)
        if self._connection.execute(select(func.count()).select_from(table)).scalar_one() >= maximum:
            raise Conflict(code, f"the limit is {maximum}: change one that you no longer need", {"limit": maximum})


def _zones_of(rows: Sequence[Any]) -> list[Zone]:
    areas: dict[str, list[Area]] = defaultdict(list)
    for row in rows:
        if row.country is not None:
            areas[row.id].append(
                Area(
                    country=row.country,
                    region=row.region,
                    postal_prefix=row.postal_prefix,
                    postal_from=row.postal_from,
                    postal_to=row.postal_to,
                )
            )
    found = {row.id: row for row in rows}
    return [
        Zone(id=id, name=row.name, priority=row.priority, areas=tuple(areas[id]), version=row.version)
        for id, row in found.items()
    ]


def _methods_of(rows: Sequence[Any]) -> list[Method]:
    rates: dict[str, list[Rate]] = defaultdict(list)
    for row in rows:
        if row.currency is not None:
            rates[row.code].append(Rate(currency=row.currency, from_=row.from_, below=row.below, amount=row.amount))
    found = {row.code: row for row in rows}
    return [
        Method(
            code=code,
            name=row.name,
            zone_id=row.zone_id,
            carrier=row.carrier,
            tracking_url=row.tracking_url,
            min_days=row.min_days,
            max_days=row.max_days,
            active=row.active,
            rated_by=RatedBy(row.rated_by),
            tax_category=row.tax_category,
            rates=tuple(rates[code]),
            version=row.version,
        )
        for code, row in found.items()
    ]
