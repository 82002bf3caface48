"""Promotions and coupons in the database: their settings, and which of them a basket may get."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Select, Uuid, bindparam, func, insert, select, text, update

from app.kernel.compiled import execute
from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, NotFound, Stale
from app.modules.orders.domain.promotions.candidate import Candidate, Promotions, Reason
from app.modules.orders.domain.promotions.codes import folded
from app.modules.orders.domain.promotions.promotion import MAX_AUTOMATIC, MAX_COUPONS, Promotion, Rule
from app.modules.orders.domain.promotions.stored import Coupon, Redemption
from app.modules.orders.infrastructure.promotions.tables import coupons, promotions, redemptions, uses
from app.modules.orders.infrastructure.settings_cache import CachedSettings
from app.modules.orders.infrastructure.tables import orders

AUTOMATIC = select(promotions).where(promotions.c.automatic, promotions.c.active)
USED_BY = select(uses.c.promotion_id, uses.c.used).where(uses.c.customer_id == bindparam("customer", type_=Uuid))
HAS_ORDERED = select(
    select(orders.c.id)
    .where(orders.c.customer_id == bindparam("customer", type_=Uuid), orders.c.status != "cancelled")
    .exists()
    .label("has_ordered")
)
NAMES = [column.name for column in promotions.c]
ONE = select(promotions).where(promotions.c.id == bindparam("id"))
LOCK = text("SELECT pg_advisory_xact_lock(5904789)")  # of whoever adds automatic promotions or coupons


class SqlPromotionSettings:
    """What staff set up, and what a basket may get of it."""

    def __init__(self, connection: Connection, cached: CachedSettings) -> None:
        self._connection = connection
        self._cached = cached

    def in_force(self, codes: Sequence[str], customer_id: UUID | None, now: datetime) -> Promotions:
        found = [Candidate(promotion=each) for each in self._automatic() if each.is_in_force(now)]
        known = set[str]()
        if codes:
            wanted = {f"code{n}": folded(code) for n, code in enumerate(codes)}
            for row in execute(self._connection, _of_codes(len(wanted)), wanted):
                known.add(row.code)
                found.append(_coupon_candidate(row))
        if not found and not codes:
            return Promotions(at=now)
        unknown = tuple(code for code in codes if folded(code) not in known)
        return Promotions(at=now, candidates=tuple(self._counted(found, customer_id)), unknown=unknown)

    def _automatic(self) -> Sequence[Promotion]:
        """Those that are active; how often one is used changes with orders, so what has a limit is read each time."""
        cached = self._cached.get("automatic", self._read_automatic)
        is_counted = any(each.total_limit is not None for each in cached)
        return self._read_automatic() if is_counted else cached

    def _read_automatic(self) -> Sequence[Promotion]:
        return [_promotion(row) for row in execute(self._connection, AUTOMATIC, {})]

    def after(self, id: str, limit: int) -> Sequence[Promotion]:
        query = select(promotions).where(promotions.c.id > id).order_by(promotions.c.id).limit(limit)
        return [_promotion(row) for row in self._connection.execute(query)]

    def get(self, id: str) -> Promotion:
        row = execute(self._connection, ONE, {"id": id}).first()
        if row is None:
            raise NotFound("no_such_promotion", f"there is no promotion {id}")
        return _promotion(row)

    def save(self, promotion: Promotion) -> Promotion:
        self._cached.forget()
        saved = replace(promotion, version=promotion.version + 1)
        if saved.automatic and saved.active:
            self._refuse_more_automatic(saved.id)
        row = {column.name: getattr(saved, column.name) for column in promotions.c if column.name != "used"}
        row["rule"] = msgspec.json.encode(saved.rule).decode()
        taken = Conflict("promotion_exists", f"there is a promotion {saved.id} already: choose another id")
        below = Conflict("limit_below_used", f"{saved.id} is used more often than that already: choose a higher limit")
        within = "promotion_within_its_limit"
        with (
            refusing(taken, "promotions_pkey", on_sqlite="UNIQUE constraint failed: promotions.id"),
            refusing(below, within, on_sqlite=f"CHECK constraint failed: {within}"),
        ):
            if promotion.version == 0:
                self._connection.execute(insert(promotions), row)
                return saved
            read = promotions.c.id == saved.id, promotions.c.version == promotion.version
            if self._connection.execute(update(promotions).where(*read), row).rowcount == 0:
                raise Stale(f"promotion {saved.id} was changed by someone else")
        return saved

    def add_coupons(self, promotion_id: str, codes: Sequence[str], use_limit: int | None) -> None:
        self._lock()
        of = coupons.c.promotion_id == promotion_id
        before = self._connection.execute(select(func.count()).select_from(coupons).where(of)).scalar_one()
        if before + len(codes) > MAX_COUPONS:
            sentence = f"a promotion has at most {MAX_COUPONS} codes, and this one has {before}"
            raise Conflict("too_many_coupons", sentence, {"limit": MAX_COUPONS})
        rows = [
            {
                "code": folded(code),
                "shown": code,
                "promotion_id": promotion_id,
                "use_limit": use_limit,
                "active": True,
            }
            for code in codes
        ]
        exists = Conflict("code_exists", "one of these codes exists already, or looks like one that does")
        with refusing(exists, "coupons_pkey", on_sqlite="UNIQUE constraint failed: coupons.code"):
            self._connection.execute(insert(coupons), rows)

    def coupons(self, promotion_id: str, after: str, limit: int) -> Sequence[Coupon]:
        query = select(coupons).where(coupons.c.promotion_id == promotion_id, coupons.c.code > folded(after))
        return self._with_orders(self._connection.execute(query.order_by(coupons.c.code).limit(limit)).all())

    def coupon(self, promotion_id: str, code: str) -> Coupon:
        found = self._connection.execute(select(coupons).where(*_is(promotion_id, code))).all()
        if not found:
            raise NotFound("no_such_coupon", f"{promotion_id} has no code {code}")
        return self._with_orders(found)[0]

    def switch_coupon(self, promotion_id: str, code: str, active: bool) -> bool:
        statement = update(coupons).where(*_is(promotion_id, code), coupons.c.active != active)
        return self._connection.execute(statement.values(active=active)).rowcount == 1

    def _with_orders(self, rows: Sequence[Any]) -> list[Coupon]:
        used = select(redemptions.c.code, redemptions.c.order_id).where(
            redemptions.c.code.in_([row.code for row in rows]), redemptions.c.state != Redemption.RETURNED
        )
        by: dict[str, list[UUID]] = {row.code: [] for row in rows}
        for each in self._connection.execute(used.order_by(redemptions.c.order_id).limit(1000)) if rows else ():
            by[each.code].append(each.order_id)
        return [
            Coupon(
                code=row.shown,
                use_limit=row.use_limit,
                used=row.used,
                active=row.active,
                orders=tuple(by[row.code]),
            )
            for row in rows
        ]

    def _counted(self, found: list[Candidate], customer_id: UUID | None) -> list[Candidate]:
        """The candidates with what their counters say; a guest has used nothing and ordered nothing so far."""
        limited = any(each.promotion.per_customer_limit is not None for each in found)
        firsts = any(each.promotion.rule.first_order for each in found)
        mine, has_ordered = dict[str, int](), False
        if limited and customer_id:
            mine = {row.promotion_id: row.used for row in execute(self._connection, USED_BY, {"customer": customer_id})}
        if firsts and customer_id:
            has_ordered = bool(execute(self._connection, HAS_ORDERED, {"customer": customer_id}).one().has_ordered)
        return [replace(each, refused=each.refused or _refused(each.promotion, mine, has_ordered)) for each in found]

    def _refuse_more_automatic(self, id: str) -> None:
        self._lock()
        others = promotions.c.automatic & promotions.c.active & (promotions.c.id != id)
        if self._connection.execute(select(func.count()).where(others)).scalar_one() >= MAX_AUTOMATIC:
            sentence = f"at most {MAX_AUTOMATIC} automatic promotions are active at a time: deactivate one first"
            raise Conflict("too_many_promotions", sentence, {"limit": MAX_AUTOMATIC})

    def _lock(self) -> None:
        """SQLite has one writer at a time. On PostgreSQL two could both take the last place."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(LOCK)


def _is(promotion_id: str, code: str) -> tuple[Any, Any]:
    return coupons.c.promotion_id == promotion_id, coupons.c.code == folded(code)


@cache
def _of_codes(count: int) -> Select[Any]:
    """Built once for each number of codes, which the limit of one order bounds."""
    wanted = coupons.c.code.in_([bindparam(f"code{n}") for n in range(count)])
    own = (coupons.c.code, coupons.c.shown, coupons.c.use_limit, coupons.c.used.label("code_used"))
    return (
        select(promotions, *own, coupons.c.active.label("code_active"))
        .join(coupons, coupons.c.promotion_id == promotions.c.id)
        .where(wanted)
    )


def _coupon_candidate(row: Any) -> Candidate:
    used_up = row.use_limit is not None and row.code_used >= row.use_limit
    refused = None if row.code_active else Reason.OVER
    return Candidate(
        promotion=_promotion(row),
        code=row.code,
        shown=row.shown,
        use_limit=row.use_limit,
        refused=refused or (Reason.USED_UP if used_up else None),
    )


def _refused(promotion: Promotion, mine: dict[str, int], has_ordered: bool) -> Reason | None:
    if promotion.total_limit is not None and promotion.used >= promotion.total_limit:
        return Reason.USED_UP
    if promotion.per_customer_limit is not None and mine.get(promotion.id, 0) >= promotion.per_customer_limit:
        return Reason.YOURS_USED_UP
    return Reason.NOT_FIRST_ORDER if promotion.rule.first_order and has_ordered else None


def _promotion(row: Any) -> Promotion:
    values = {name: getattr(row, name) for name in NAMES}
    return Promotion(**{**values, "rule": msgspec.json.decode(row.rule, type=Rule)})
