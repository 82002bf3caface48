"""The settings of tax, and the tax lines of orders, in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)

from app.kernel.compiled import execute
from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, NotFound, Stale
from app.modules.orders.domain.shipping.zone import GAPS, Destination
from app.modules.orders.domain.tax.rules import NO_TAX, Reason, Registration, TaxPolicy, TaxRate, TaxRules
from app.modules.orders.domain.tax.setting import MAX_CATEGORIES, MAX_RATES, MAX_REGISTRATIONS, Category
from app.modules.orders.domain.tax.taxed import TaxLine
from app.modules.orders.infrastructure.orders.rows import insert_rows
from app.modules.orders.infrastructure.settings_cache import CachedSettings
from app.modules.orders.infrastructure.shipping.tables import shipping_methods
from app.modules.orders.infrastructure.tables import offers
from app.modules.orders.infrastructure.tax.tables import tax_categories, tax_lines, tax_rates, tax_registrations

Of = TypeVar("Of", Registration, TaxRate)
ByRegion = dict[str, list[Of]]  # empty: of the whole country
INSERT_LINE = insert(tax_lines)
LOCK = text("SELECT pg_advisory_xact_lock(5904788)")  # of whoever changes these settings, until the transaction ends


REGISTRATIONS = select(tax_registrations).where(tax_registrations.c.country == bindparam("of_country"))
RATES = select(tax_rates).where(tax_rates.c.country == bindparam("of_country"))
LINES = (
    select(tax_lines).where(tax_lines.c.order_id == bindparam("order_id")).order_by(tax_lines.c.target, tax_lines.c.n)
)


class SqlTax:
    def __init__(self, connection: Connection, cached: CachedSettings, policy: TaxPolicy, now: datetime) -> None:
        self._connection = connection
        self._cached = cached
        self._policy = policy
        self._now = now

    def rules(self, place: Destination | None) -> TaxRules:
        policy = self._policy
        if policy.is_off:
            return NO_TAX
        if policy.is_asked:
            return TaxRules(policy=policy, place=place or policy.home, today=f"{self._now:%Y-%m-%d}")
        return self.rules_by_rates(place)

    def rules_by_rates(self, place: Destination | None) -> TaxRules:
        policy, now = self._policy, self._now
        place = place or policy.home
        code = place.postal_code.upper().translate(GAPS)
        registrations, rates = dict[UUID, Registration](), dict[UUID, TaxRate]()
        places = dict.fromkeys((each.country, region) for each in (place, policy.home) for region in ("", each.region))
        for country, region in places:
            registered, rated = self._of_country(country)
            registrations |= {it.id: it for it in registered.get(region, ()) if it.is_in_force(now)}
            here = (it for it in rated.get(region, ()) if code.startswith(it.postal_prefix))
            rates |= {it.id: it for it in here if it.is_in_force(now)}
        return TaxRules(
            policy=policy,
            place=place,
            registrations=tuple(registrations.values()),
            rates=tuple(rates[id] for id in sorted(rates)),
        )

    def _of_country(self, country: str) -> tuple[ByRegion[Registration], ByRegion[TaxRate]]:
        """Its registrations and rates at any time. What is cached is no more than the tables have."""

        def read() -> tuple[ByRegion[Registration], ByRegion[TaxRate]]:
            asked = {"of_country": country}
            registered = _by_region(map(_registration, execute(self._connection, REGISTRATIONS, asked)))
            return registered, _by_region(map(_rate, execute(self._connection, RATES, asked)))

        return self._cached.get(("tax", country), read)

    def lock(self) -> None:
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer at a time
            self._connection.execute(LOCK)

    def categories(self) -> Sequence[Category]:
        rows = self._connection.execute(select(tax_categories).order_by(tax_categories.c.slug))
        return [Category(row.slug, row.name) for row in rows]

    def unknown_categories(self) -> Sequence[tuple[str, int, str]]:
        is_known = select(tax_categories.c.slug).where(tax_categories.c.slug == offers.c.tax_category).exists()
        query = select(offers.c.tax_category, func.count(), func.min(offers.c.sku)).where(offers.c.on_sale, ~is_known)
        rows = self._connection.execute(query.group_by(offers.c.tax_category).order_by(offers.c.tax_category))
        return [(slug, count, first) for slug, count, first in rows]

    def add_category(self, category: Category) -> None:
        self._refuse_more(tax_categories, MAX_CATEGORIES, "too_many_tax_categories")
        taken = Conflict("tax_category_exists", f"there is a category {category.slug} already: choose another slug")
        on_sqlite = "UNIQUE constraint failed: tax_categories.slug"
        with refusing(taken, "tax_categories_pkey", on_sqlite=on_sqlite):
            self._connection.execute(insert(tax_categories), asdict(category))

    def remove_category(self, slug: str) -> None:
        used = Conflict("tax_category_in_use", f"rates, offers or shipping methods name {slug}: change these first")
        for table in (tax_rates, offers, shipping_methods):
            column = table.c.category if table is tax_rates else table.c.tax_category
            if self._connection.execute(select(column).where(column == slug).limit(1)).first():
                raise used
        if self._connection.execute(delete(tax_categories).where(tax_categories.c.slug == slug)).rowcount == 0:
            raise NotFound("no_such_tax_category", f"there is no tax category {slug}")

    def registrations(self) -> Sequence[Registration]:
        rows = self._connection.execute(select(tax_registrations).order_by(tax_registrations.c.id))
        return list(map(_registration, rows))

    def registration(self, id: UUID) -> Registration:
        row = self._connection.execute(select(tax_registrations).where(tax_registrations.c.id == id)).first()
        if row is None:
            raise NotFound("no_such_tax_registration", f"there is no tax registration {id}")
        return _registration(row)

    def save_registration(self, registration: Registration) -> Registration:
        saved = replace(registration, version=registration.version + 1)
        if registration.version == 0:
            self._refuse_more(tax_registrations, MAX_REGISTRATIONS, "too_many_tax_registrations")
        self._save(tax_registrations, saved.id, registration.version, asdict(saved))
        return saved

    def rates(self, country: str | None, after: UUID | None, limit: int) -> Sequence[TaxRate]:
        query = select(tax_rates).order_by(tax_rates.c.id).limit(limit)
        query = query.where(tax_rates.c.country == country) if country else query
        query = query.where(tax_rates.c.id > after) if after else query
        return list(map(_rate, self._connection.execute(query)))

    def rates_of(self, country: str) -> Sequence[TaxRate]:
        return list(map(_rate, self._connection.execute(select(tax_rates).where(tax_rates.c.country == country))))

    def rate(self, id: UUID) -> TaxRate:
        row = self._connection.execute(select(tax_rates).where(tax_rates.c.id == id)).first()
        if row is None:
            raise NotFound("no_such_tax_rate", f"there is no tax rate {id}")
        return _rate(row)

    def save_rate(self, rate: TaxRate) -> TaxRate:
        saved = replace(rate, version=rate.version + 1)
        if rate.version == 0:
            self._refuse_more(tax_rates, MAX_RATES, "too_many_tax_rates")
        self._save(tax_rates, saved.id, rate.version, asdict(saved))
        return saved

    def save_lines(self, order_id: UUID, lines: Iterable[TaxLine]) -> None:
        insert_rows(self._connection, INSERT_LINE, [{"order_id": order_id, **vars(line)} for line in lines])

    def lines(self, order_id: UUID) -> Sequence[TaxLine]:
        return [line_of(row) for row in execute(self._connection, LINES, {"order_id": order_id})]

    def _save(self, table: Table, id: UUID, read: int, row: dict[str, Any]) -> None:
        self._cached.forget()
        if read == 0:
            self._connection.execute(insert(table), row)
            return
        statement = update(table).where(table.c.id == id, table.c.version == read)
        if self._connection.execute(statement, row).rowcount == 0:
            raise Stale(f"a row of {table.name} was changed by someone else")

    def _refuse_more(self, table: Table, maximum: int, code: str) -> None:
        """The caller has the lock, or on SQLite is the only writer."""
        if self._connection.execute(select(func.count()).select_from(table)).scalar_one() >= maximum:
            raise Conflict(code, f"the limit is {maximum}", {"limit": maximum})


def _by_region(found: Iterable[Of]) -> ByRegion[Of]:
    by: dict[str, list[Of]] = {}
    for each in found:
        by.setdefault(each.region, []).append(each)
    return by


def _registration(row: Any) -> Registration:
    return Registration(
        id=row.id, country=row.country, region=row.region, since=row.since, until=row.until, version=row.version
    )


def _rate(row: Any) -> TaxRate:
    return TaxRate(
        id=row.id,
        country=row.country,
        region=row.region,
        postal_prefix=row.postal_prefix,
        category=row.category,
        name=row.name,
        ppm=row.ppm,
        reason=Reason(row.reason),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        version=row.version,
    )


def line_of(row: Any) -> TaxLine:
    return TaxLine(
        target=row.target,
        n=row.n,
        jurisdiction=row.jurisdiction,
        name=row.name,
        ppm=row.ppm,
        reason=Reason(row.reason),
        base=row.base,
        amount=row.amount,
        included=row.included,
        engine=row.engine,
    )
