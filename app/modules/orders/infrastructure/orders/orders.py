"""Orders in the database: one row each, and one for each line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Uuid, bindparam, column, func, insert, select, text, update

from app.kernel.compiled import execute
from app.kernel.constraints import refusing
from app.kernel.database import notify_of_change
from app.kernel.errors import Conflict, NotFound, Stale
from app.kernel.money import Money
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.domain.orders.order import OPEN, UNDONE, Line, Order, Totals
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.policies.caps import Unpaid
from app.modules.orders.infrastructure.orders.lists import matching
from app.modules.orders.infrastructure.orders.rows import insert_rows, line_row
from app.modules.orders.infrastructure.tables import ON_HOLD, UNPAID, WITH_FAILED_REFUND, order_lines, orders, timeline

ONE_MORE = select(func.coalesce(func.max(orders.c.number), 0) + 1).scalar_subquery()
NEXT_NUMBER = {"postgresql": func.nextval("order_numbers"), "sqlite": ONE_MORE}  # SQLite has one writer at a time
NEW = insert(orders).returning(orders.c.number)
INSERT = {dialect: NEW.values(number=number) for dialect, number in NEXT_NUMBER.items()}
INSERT_LINE = insert(order_lines)
LINE = [each for each in order_lines.c if each is not order_lines.c.order_id]
WITH_LINES = select(orders, *LINE).outerjoin(order_lines, order_lines.c.order_id == orders.c.id)
GET = WITH_LINES.where(orders.c.id == bindparam("id"))
LOCK = select(orders.c.id).where(orders.c.id == bindparam("id")).with_for_update()
BY_NUMBER = WITH_LINES.where(orders.c.number == bindparam("number"))
CANCEL_LINES = (
    update(order_lines)
    .where(order_lines.c.order_id == bindparam("of_order"))
    .values(cancelled=order_lines.c.ordered - order_lines.c.dispatched, packed=order_lines.c.dispatched)
)
OF_CUSTOMER = orders.c.customer_id == bindparam("customer")
UNCHANGED_SINCE_READ = (orders.c.id == bindparam("order_id")) & (orders.c.version == bindparam("read"))
STATE = ("status", "reason", "deadline", "alerted", "refunded", "refund", "written_off", "disputed", "fulfilment")
CHANGED = (*STATE, "capture", "capture_before", "ship_to", "version")
UPDATE = (
    update(orders).where(UNCHANGED_SINCE_READ).values({name: bindparam(f"new_{name}") for name in (*CHANGED, "total")})
)
COUNT_UNPAID = select(func.count(), func.coalesce(func.sum(orders.c.units), 0)).where(OF_CUSTOMER, UNPAID)
LOCK_AND_COUNT: Any = text(  # one round trip: the second statement sees what was committed before the lock was acquired
    "SELECT pg_advisory_xact_lock(:lock); SELECT count(*), coalesce(sum(units), 0) FROM orders "
    "WHERE customer_id = :customer AND status IN ('placed', 'awaiting_payment')"
)
LOCK_AND_COUNT = LOCK_AND_COUNT.bindparams(bindparam("customer", type_=Uuid)).columns(column("unpaid"), column("units"))
LATE = orders.c.deadline < bindparam("now")
OVERDUE = select(orders.c.id).where(LATE, ~orders.c.alerted).order_by(orders.c.deadline).limit(bindparam("limit"))
ENDS_BY = (ON_HOLD, orders.c.capture_before < bindparam("until"))
HOLDS = select(orders.c.id).where(*ENDS_BY).order_by(orders.c.capture_before).limit(bindparam("limit"))
STATUS_SINCE = (
    select(func.max(timeline.c.at))
    .where(timeline.c.order_id == orders.c.id, timeline.c.module == "orders", timeline.c.what == orders.c.status)
    .scalar_subquery()
)
REFUND_FAILED_AT = (
    select(func.max(timeline.c.at))
    .where(timeline.c.order_id == orders.c.id, timeline.c.what == "refund_failed")
    .scalar_subquery()
)
UNREFUNDED = select(orders, REFUND_FAILED_AT.label("since")).where(WITH_FAILED_REFUND).order_by(orders.c.id)
PAST_DEADLINE = select(orders, STATUS_SINCE.label("since")).where(LATE).order_by(orders.c.deadline)


class SqlOrders:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: UUID, *, lock: bool = False) -> Order:
        if lock:
            execute(self._connection, LOCK, {"id": id})
        order = self.find(id)
        if order is None:
            raise NotFound("no_such_order", f"there is no order {id}")
        return order

    def find(self, id: UUID) -> Order | None:
        return self._one(execute(self._connection, GET, {"id": id}).all())

    def numbered(self, running_number: int) -> Order | None:
        return self._one(execute(self._connection, BY_NUMBER, {"number": running_number}).all())

    def matching(self, wanted: OrderFilter, sort: Sort, after: Position | None, limit: int) -> Sequence[Order]:
        return self._with_lines(self._connection.execute(matching(wanted, sort, after, limit)).all())

    def lock_unpaid(self, customer_id: UUID) -> Unpaid:
        """On PostgreSQL it takes an advisory lock that ends with the transaction. SQLite has one writer at a time."""
        parameters: dict[str, Any] = {"customer": customer_id}
        if self._connection.dialect.name == "postgresql":
            parameters["lock"] = customer_id.int % 2**63
            count, units = execute(self._connection, LOCK_AND_COUNT, parameters).one()
        else:
            count, units = execute(self._connection, COUNT_UNPAID, parameters).one()
        return Unpaid(count, int(units))  # PostgreSQL returns a sum of bigint as a decimal

    def save(self, order: Order) -> Order:
        """Notifies the requests that wait for a change of an order.

        A unique index allows one unpaid order per cart; a second one raises Conflict(cart_locked).
        """
        saved = replace(order, version=order.version + 1)
        notify_of_change(self._connection, str(order.id))  # also for changes that publish no event
        if order.version == 0:
            locked = Conflict("cart_locked", "this cart already has an unpaid order: pay or cancel that order first")
            with refusing(locked, "one_unpaid_order_a_cart", on_sqlite="UNIQUE constraint failed: orders.cart_id"):
                row = execute(self._connection, INSERT[self._connection.dialect.name], _row(saved)).one()
            insert_rows(self._connection, INSERT_LINE, [line_row(saved.id, line) for line in saved.lines])
            return replace(saved, running_number=row.number)
        changes = {f"new_{name}": getattr(saved, name) for name in CHANGED} | {"new_total": saved.totals.total.amount}
        if execute(self._connection, UPDATE, {"order_id": order.id, "read": order.version, **changes}).rowcount == 0:
            raise Stale(f"order {order.id} was changed by someone else")
        if order.status in UNDONE:
            execute(self._connection, CANCEL_LINES, {"of_order": order.id})
        return saved

    def overdue(self, now: datetime, limit: int) -> Sequence[UUID]:
        return self._connection.execute(OVERDUE, {"now": now, "limit": limit}).scalars().all()

    def on_hold(self, until: datetime, limit: int) -> Sequence[UUID]:
        return self._connection.execute(HOLDS, {"until": until, "limit": limit}).scalars().all()

    def touched(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Order]:
        query = select(orders).where(_touched(since)).order_by(orders.c.id).limit(limit)
        if after is not None:
            query = query.where(orders.c.id > after)
        return self._with_lines(self._connection.execute(query).all())

    def count_touched(self, since: datetime) -> int:
        return self._connection.execute(select(func.count()).select_from(orders).where(_touched(since))).scalar_one()

    def past_deadline(self, now: datetime, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        rows = self._connection.execute(PAST_DEADLINE.limit(limit), {"now": now}).all()
        return [(order, row.since or row.placed_at) for order, row in zip(self._with_lines(rows), rows, strict=True)]

    def with_failed_refund(self, limit: int | None) -> Sequence[tuple[Order, datetime]]:
        rows = self._connection.execute(UNREFUNDED.limit(limit)).all()
        return [(order, row.since or row.placed_at) for order, row in zip(self._with_lines(rows), rows, strict=True)]

    def _one(self, rows: Sequence[Any]) -> Order | None:
        return _order_of(rows[0], [row for row in rows if row.sku is not None]) if rows else None

    def _with_lines(self, rows: Sequence[Row[Any]]) -> list[Order]:
        """The orders of these rows, in the same order."""
        of = order_lines.c.order_id
        lines: dict[UUID, list[Row[Any]]] = {row.id: [] for row in rows}
        for line in self._connection.execute(select(order_lines).where(of.in_(lines))) if rows else ():
            lines[line.order_id].append(line)
        return [_order_of(row, lines[row.id]) for row in rows]


def _touched(since: datetime) -> ColumnElement[bool]:
    return (orders.c.placed_at >= since) | orders.c.status.in_(sorted(OPEN))


def _order_of(row: Any, lines: Iterable[Any]) -> Order:
    return Order(
        id=row.id,
        customer_id=row.customer_id,
        lines=tuple(_line_of(row, line) for line in sorted(lines, key=lambda each: each.sku)) or _unstored_lines(row),
        totals=msgspec.json.decode(row.totals, type=Totals),
        status=Status(row.status),
        reason=row.reason,
        refunded=row.refunded,
        refund=row.refund,
        written_off=row.written_off,
        disputed=row.disputed,
        fulfilment=row.fulfilment,
        capture=row.capture,
        capture_before=row.capture_before,
        cart_id=row.cart_id,
        shipping_method=row.shipping_method,
        shipping_name=row.shipping_name,
        ship_to=row.ship_to,
        request_id=row.request_id,
        trace_id=row.trace_id,
        running_number=row.number,
        alerted=row.alerted,
        placed_at=row.placed_at,
        deadline=row.deadline,
        version=row.version,
    )


def _line_of(order: Any, line: Any) -> Line:
    return Line(
        sku=line.sku,
        name=line.name,
        quantity=line.ordered,
        unit_price=Money(line.unit_price, order.currency),
        # An order that an older version has cancelled since the migration has no count.
        cancelled=line.ordered - line.packed if order.status in UNDONE else line.cancelled,
        packed=line.packed,
        dispatched=line.dispatched,
        returned=line.returned,
        refunded=line.units_refunded,
        ships=line.ships,
        discount=line.discount,
    )


def _unstored_lines(order: Any) -> tuple[Line, ...]:
    """The lines of an order that an older version has placed since the migration, without rows of lines."""
    lines = msgspec.json.decode(order.lines, type=tuple[Line, ...])
    return tuple(replace(line, cancelled=line.quantity) if order.status in UNDONE else line for line in lines)


def _row(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "status": order.status,
        "reason": order.reason,
        "refunded": order.refunded,
        "refund": order.refund,
        "written_off": order.written_off,
        "disputed": order.disputed,
        "fulfilment": order.fulfilment,
        "capture": order.capture,
        "capture_before": order.capture_before,
        "units": order.units,
        "lines": msgspec.json.encode(order.lines).decode(),
        "totals": msgspec.json.encode(order.totals).decode(),
        "total": order.totals.total.amount,
        "currency": order.currency,
        "cart_id": order.cart_id,
        "shipping_method": order.shipping_method,
        "shipping_name": order.shipping_name,
        "ship_to": order.ship_to,
        "placed_at": order.placed_at,
        "deadline": order.deadline,
        "request_id": order.request_id,
        "trace_id": order.trace_id,
        "alerted": order.alerted,
        "version": order.version,
    }
