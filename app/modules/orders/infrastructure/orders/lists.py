"""The query of a list of orders: its filters, its order, and where a page begins."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, select, tuple_

from app.kernel.ids import first_id
from app.modules.orders.domain.orders.filter import OrderFilter, Position, Sort
from app.modules.orders.infrastructure.orders.private_tables import order_contacts, order_records
from app.modules.orders.infrastructure.tables import orders

MAX_REQUEST = timedelta(minutes=10)  # an id is created before its order is placed
AFTER = tuple_(bindparam("after_total"), bindparam("after_id", type_=Uuid))
POSITION = tuple_(orders.c.total, orders.c.id)
SORTED = {  # how each list is sorted, and the condition for what comes after a position
    Sort.NEWEST: ((orders.c.id.desc(),), orders.c.id < bindparam("after_id")),
    Sort.OLDEST: ((orders.c.id,), orders.c.id > bindparam("after_id")),
    Sort.SMALLEST: ((orders.c.total, orders.c.id), AFTER < POSITION),
    Sort.BIGGEST: (
        (orders.c.total.desc(), orders.c.id.desc()),
        AFTER > POSITION,
    ),
}


def matching(wanted: OrderFilter, sort: Sort, after: Position | None, limit: int) -> Select[Any]:
    """The orders that match, after this position of the list.

    Ids are UUIDv7, so they are in the order of placing, and a range of ids is a range of times. The index of totals has
    all that such a filter needs: it finds the ids, and only the orders of the page are read.
    """
    by, comes_after = SORTED[sort]
    query = select(orders).where(*_conditions(wanted)).order_by(*by).limit(limit)
    if sort in {Sort.SMALLEST, Sort.BIGGEST}:
        query = query.where(orders.c.total.is_not(None))
    if after:
        query = query.where(comes_after).params(after_id=after.id, after_total=after.total)
    if wanted.total_min is None and wanted.total_max is None:
        return query
    return select(orders).where(orders.c.id.in_(query.with_only_columns(orders.c.id))).order_by(*by)


def _conditions(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.customer_id is not None:
        yield orders.c.customer_id == wanted.customer_id
    if wanted.status is not None:
        yield orders.c.status == wanted.status
    if wanted.fulfilment is not None:
        yield orders.c.fulfilment == wanted.fulfilment
    if wanted.placed_since is not None:
        yield orders.c.id >= first_id(wanted.placed_since - MAX_REQUEST)
        yield orders.c.placed_at >= wanted.placed_since
    if wanted.placed_until is not None:
        yield orders.c.id < first_id(wanted.placed_until)
        yield orders.c.placed_at < wanted.placed_until
    if wanted.total_min is not None:
        yield orders.c.total >= wanted.total_min
    if wanted.total_max is not None:
        yield orders.c.total <= wanted.total_max
    if wanted.external_reference is not None:
        reference = order_records.c.external_reference == wanted.external_reference
        yield orders.c.id.in_(select(order_records.c.order_id).where(reference))
    if wanted.email is not None:
        yield orders.c.id.in_(select(order_contacts.c.order_id).where(order_contacts.c.email == wanted.email))
