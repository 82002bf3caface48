"""Uses of promotions in the database: taken with an order, returned when it is cancelled, and what orders got.

Counters change by conditional UPDATEs, always in this order: promotions by id, coupons by code, uses by promotion.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Connection, Uuid, bindparam, func, insert, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.kernel import clock
from app.kernel.compiled import execute
from app.kernel.database import count_once_committed
from app.modules.orders.domain.promotions.candidate import Candidate, Discount
from app.modules.orders.domain.promotions.stored import Miscount, Redemption
from app.modules.orders.infrastructure.orders.rows import insert_rows
from app.modules.orders.infrastructure.promotions.promotions import SqlPromotionSettings
from app.modules.orders.infrastructure.promotions.tables import coupons, discounts, promotions, redemptions, uses
from app.modules.orders.infrastructure.settings_cache import CachedSettings
from app.modules.orders.infrastructure.tables import orders

REDEMPTIONS: Final = Counter("quartet_redemptions_total", "Uses of promotions that reached a state", ["state"])
INSERT = insert(redemptions)
IT = promotions.c.id == bindparam("promotion")
ITS_CODE = coupons.c.code == bindparam("the_code")
TAKE = update(promotions).where(IT, promotions.c.used < promotions.c.total_limit).values(used=promotions.c.used + 1)
TAKE_CODE = update(coupons).where(ITS_CODE, coupons.c.used < coupons.c.use_limit).values(used=coupons.c.used + 1)
RETURN = update(promotions).where(IT, promotions.c.total_limit.is_not(None), promotions.c.used > 0)
RETURN = RETURN.values(used=promotions.c.used - 1)
RETURN_CODE = update(coupons).where(ITS_CODE, coupons.c.use_limit.is_not(None), coupons.c.used > 0)
RETURN_CODE = RETURN_CODE.values(used=coupons.c.used - 1)
RETURN_OWN = (
    update(uses)
    .where(uses.c.promotion_id == bindparam("promotion"))
    .where(uses.c.customer_id == bindparam("customer", type_=Uuid), uses.c.used > 0)
    .values(used=uses.c.used - 1)
)
FROM = redemptions.c.state == bindparam("from", type_=redemptions.c.state.type)
OF_ORDER = (redemptions.c.order_id == bindparam("of_order")) & FROM
THOSE = select(redemptions).where(OF_ORDER).order_by(redemptions.c.promotion_id)
MOVE = update(redemptions).where(OF_ORDER).values(state=bindparam("to", type_=redemptions.c.state.type))
DISCOUNTS = (
    select(discounts)
    .where(discounts.c.order_id == bindparam("of_order"))
    .order_by(discounts.c.target, discounts.c.promotion_id)
)
COUNTED = redemptions.c.state != Redemption.RETURNED


class SqlPromotions(SqlPromotionSettings):
    """Also what orders took of the promotions."""

    def __init__(self, connection: Connection, cached: CachedSettings) -> None:
        super().__init__(connection, cached)
        self._connection = connection

    def take(self, order_id: UUID, customer_id: UUID, candidates: Sequence[Candidate]) -> Candidate | None:
        ordered = sorted(candidates, key=lambda each: each.promotion.id)
        for each in ordered:
            if each.promotion.total_limit is not None and not self._changes(TAKE, promotion=each.promotion.id):
                return each
        for each in sorted(ordered, key=lambda each: each.code or ""):
            if each.use_limit is not None and not self._changes(TAKE_CODE, the_code=each.code):
                return each
        for each in ordered:
            limit = each.promotion.per_customer_limit
            own = {"promotion_id": each.promotion.id, "customer_id": customer_id, "used": 1, "own_limit": limit}
            if limit is not None and not execute(self._connection, _take_own(self._dialect), own).rowcount:
                return each
        rows = [
            {
                "order_id": order_id,
                "promotion_id": each.promotion.id,
                "code": each.code,
                "customer_id": customer_id,
                "state": Redemption.TAKEN,
                "at": clock.now(),
            }
            for each in ordered
        ]
        insert_rows(self._connection, INSERT, rows)
        self._count(Redemption.TAKEN, len(rows))
        return None

    def release(self, order_id: UUID, state: Redemption = Redemption.TAKEN) -> Sequence[str]:
        those = {"of_order": order_id, "from": state}
        rows = execute(self._connection, THOSE, those).all()
        if not rows or not self._changes(MOVE, **those, to=Redemption.RETURNED):
            return []
        for row in rows:
            self._changes(RETURN, promotion=row.promotion_id)
        for code in sorted(row.code for row in rows if row.code):
            self._changes(RETURN_CODE, the_code=code)
        for row in rows:
            self._changes(RETURN_OWN, promotion=row.promotion_id, customer=row.customer_id)
        self._count(Redemption.RETURNED, len(rows))
        return [row.promotion_id for row in rows]

    def spend(self, order_id: UUID) -> None:
        taken = {"of_order": order_id, "from": Redemption.TAKEN}
        self._count(Redemption.SPENT, self._changes(MOVE, **taken, to=Redemption.SPENT))

    def keep(self, order_id: UUID, discounts: Sequence[Discount]) -> None:
        rows = [{"order_id": order_id, **each._asdict()} for each in discounts]
        insert_rows(self._connection, _KEEP, rows)

    def discounts(self, order_id: UUID) -> Sequence[Discount]:
        rows = execute(self._connection, DISCOUNTS, {"of_order": order_id})
        return [Discount(**{name: getattr(row, name) for name in Discount._fields}) for row in rows]

    def unfollowed(self) -> Sequence[UUID]:
        return self._connection.execute(_UNFOLLOWED).scalars().all()

    def miscounts(self) -> Sequence[Miscount]:
        """Each query sees counters and rows at one time, and a transaction changes both: none is in between."""
        return [
            Miscount(table=table, key=row[0], customer_id=row[1], counter=row[2], rows=row[3])
            for table, query in _MISCOUNTS.items()
            for row in self._connection.execute(query)
        ]

    def correct(self, miscount: Miscount) -> None:
        count, where, table, limit = _corrections(miscount)
        self._connection.execute(select(table).where(*where).with_for_update()).all()  # nobody counts meanwhile
        rows = self._connection.execute(count).scalar_one()
        if limit is None:
            self._connection.execute(update(table).where(*where).values(used=rows))
            return
        highest = self._connection.execute(select(limit).where(*where)).scalar_one_or_none()
        self._connection.execute(
            update(table).where(*where).values(used=rows if highest is None else min(rows, highest))
        )

    @property
    def _dialect(self) -> str:
        return self._connection.dialect.name

    def _changes(self, statement: Any, **values: Any) -> int:
        return execute(self._connection, statement, values).rowcount

    def _count(self, state: Redemption, times: int) -> None:
        if times:
            count_once_committed(self._connection, partial(REDEMPTIONS.labels(state).inc, times))


_KEEP = insert(discounts)
_UNFOLLOWED = (
    select(redemptions.c.order_id)
    .join(orders, orders.c.id == redemptions.c.order_id)
    .where(redemptions.c.state == Redemption.TAKEN, orders.c.status.in_(["paid", "cancelled", "refunded"]))
    .distinct()
    .order_by(redemptions.c.order_id)
)


@cache
def _take_own(dialect: str) -> Any:
    """The first use of a customer is a new row."""
    statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(uses).inline()
    return statement.on_conflict_do_update(
        index_elements=["promotion_id", "customer_id"],
        set_={"used": uses.c.used + 1},
        where=uses.c.used < bindparam("own_limit"),
    )


def _rows_of(*conditions: Any) -> Any:
    return select(func.count()).select_from(redemptions).where(COUNTED, *conditions).scalar_subquery()


def _miscounted(key: Any, customer: Any, counter: Any, rows: Any, *where: Any) -> Any:
    return select(key, customer, counter, rows).where(counter != rows, *where).order_by(key)


_MISCOUNTS = {
    "promotions": _miscounted(
        promotions.c.id,
        null().label("nobody"),
        promotions.c.used,
        _rows_of(redemptions.c.promotion_id == promotions.c.id),
        promotions.c.total_limit.is_not(None),
    ),
    "coupons": _miscounted(
        coupons.c.code,
        null().label("nobody"),
        coupons.c.used,
        _rows_of(redemptions.c.code == coupons.c.code),
        coupons.c.use_limit.is_not(None),
    ),
    "uses": _miscounted(
        uses.c.promotion_id,
        uses.c.customer_id,
        uses.c.used,
        _rows_of(redemptions.c.promotion_id == uses.c.promotion_id, redemptions.c.customer_id == uses.c.customer_id),
    ),
}


def _corrections(miscount: Miscount) -> tuple[Any, tuple[Any, ...], Any, Any]:
    """How many redemptions count; the row of the counter, its table, and its limit."""
    count, key = select(func.count()).select_from(redemptions).where(COUNTED), miscount.key
    if miscount.table == "promotions":
        return count.where(redemptions.c.promotion_id == key), (promotions.c.id == key,), promotions, TOTAL
    if miscount.table == "coupons":
        return count.where(redemptions.c.code == key), (coupons.c.code == key,), coupons, coupons.c.use_limit
    own = redemptions.c.promotion_id == key, redemptions.c.customer_id == miscount.customer_id
    row = uses.c.promotion_id == key, uses.c.customer_id == miscount.customer_id
    return count.where(*own), row, uses, None


TOTAL = promotions.c.total_limit
