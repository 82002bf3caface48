"""Invoices and credit notes in the database."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, case, func, insert, select, tuple_, update

from app.jobs.enqueue import enqueue
from app.kernel.database import count_once_committed
from app.kernel.errors import Stale
from app.kernel.ids import first_id
from app.kernel.inserts import insert_if_absent
from app.modules.orders.domain.documents.document import Content, Document, InvoiceTime
from app.modules.orders.domain.orders.order import Fulfilment
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.infrastructure.documents.tables import document_series, documents
from app.modules.orders.infrastructure.metrics import DOCUMENTS
from app.modules.orders.infrastructure.orders.unit_refunds import units_as_text, units_from_text
from app.modules.orders.infrastructure.tables import orders

JOB = "issue documents"
DIGITS = re.compile("[1-9][0-9]{0,8}")  # of a number
PLACE = documents.c.issued_at, documents.c.series, documents.c.number
IS_IT = (documents.c.order_id == bindparam("order")) & (documents.c.n == bindparam("the_n"))
COUNT = (
    update(document_series)
    .where(document_series.c.name == bindparam("series"))
    .values(last_number=document_series.c.last_number + 1)
    .returning(document_series.c.last_number)
)
ISSUED_AT = select(documents.c.issued_at).where(
    documents.c.series == bindparam("series"), documents.c.number == bindparam("number")
)
ENCODER, DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(Content)


class SqlDocuments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, order_id: UUID) -> Sequence[Document]:
        query = select(documents).where(documents.c.order_id == order_id).order_by(documents.c.n)
        return [_document_of(row) for row in self._connection.execute(query)]

    def named(self, name: str) -> Document | None:
        series, _, digits = name.rpartition("-")
        if not DIGITS.fullmatch(digits):
            return None
        is_it = documents.c.series == series, documents.c.number == int(digits)
        row = self._connection.execute(select(documents).where(*is_it)).first()
        return _document_of(row) if row else None

    def issued(
        self, since: datetime | None, until: datetime | None, after: tuple[datetime, str, int] | None, limit: int
    ) -> Sequence[Document]:
        query = select(documents).where(documents.c.issued_at.is_not(None)).order_by(*PLACE).limit(limit)
        if since:
            query = query.where(documents.c.issued_at >= since)
        if until:
            query = query.where(documents.c.issued_at < until)
        if after:
            position = [bindparam(None, part, column.type) for part, column in zip(after, PLACE, strict=True)]
            query = query.where(tuple_(*PLACE) > tuple_(*position))
        return [_document_of(row) for row in self._connection.execute(query)]

    def request(self, *missing: Document) -> None:
        for each in missing:
            self._connection.execute(insert(documents), _row(each))

    def issue_later(self, order_id: UUID) -> None:
        enqueue(self._connection, JOB, str(order_id))

    def issue(self, document: Document, series: str, content: Content, now: datetime) -> Document:
        insert_if_absent(self._connection, document_series, {"name": series, "last_number": 0})
        number: int = self._connection.execute(COUNT, {"series": series}).scalar_one()
        before = self._connection.execute(ISSUED_AT, {"series": series, "number": number - 1}).scalar()
        now = max(now, before or now)  # who has waited for the series has begun before
        values = {"series": series, "number": number, "issued_at": now, "content": ENCODER.encode(content).decode()}
        change = update(documents).where(IS_IT, documents.c.number.is_(None)).values(values)
        if self._connection.execute(change, {"order": document.order_id, "the_n": document.n}).rowcount == 0:
            raise Stale(f"document {document.n} of order {document.order_id} was issued by someone else")
        count_once_committed(self._connection, DOCUMENTS.labels(document.kind).inc)
        return replace(document, series=series, number=number, issued_at=now, content=content)

    def waiting(self, before: datetime, limit: int) -> Sequence[Document]:
        wanted = documents.c.number.is_(None), documents.c.requested_at < before
        query = select(documents).where(*wanted).order_by(documents.c.requested_at).limit(limit)
        return [_document_of(row) for row in self._connection.execute(query)]

    def count_since(self, since: datetime) -> int:
        return int(self._connection.execute(_last_since(since, func.count())).scalar_one())

    def that_differ(self, since: datetime) -> Sequence[tuple[UUID, int, int]]:
        is_undone, taken = orders.c.status == Status.REFUNDED, orders.c.refunded + orders.c.disputed
        total = case(
            ((orders.c.status == Status.CANCELLED) | (is_undone & (taken > orders.c.total)), orders.c.total),
            (is_undone, taken),
            else_=orders.c.refunded,
        )
        query = _last_since(since, documents.c.order_id, documents.c.credited.label("documented"), total.label("own"))
        query = query.where(documents.c.credited != total)
        return [(row.order_id, row.documented, row.own) for row in self._connection.execute(query)]

    def without_invoice(self, since: datetime, time: InvoiceTime) -> Sequence[UUID]:
        begun: datetime | None = self._connection.execute(select(func.min(documents.c.requested_at))).scalar_one()
        if time is InvoiceTime.OFF or begun is None:
            return []
        has_one = select(documents.c.n).where(documents.c.order_id == orders.c.id).exists()
        query = select(orders.c.id).where(orders.c.id >= first_id(max(since, begun)), ~has_one)
        query = query.where(orders.c.status == Status.PAID)
        if time is InvoiceTime.DISPATCHED:
            query = query.where(orders.c.fulfilment != Fulfilment.NONE)
        return self._connection.execute(query).scalars().all()

    def gaps(self) -> Sequence[tuple[str, int, int]]:
        counted = select(documents.c.series, func.count().label("issued")).group_by(documents.c.series).subquery()
        issued = func.coalesce(counted.c.issued, 0)
        query = select(document_series.c.name, document_series.c.last_number, issued)
        query = query.outerjoin(counted, counted.c.series == document_series.c.name)
        rows = self._connection.execute(query.where(document_series.c.last_number != issued))
        return [(name, last, found) for name, last, found in rows]


def _last_since(since: datetime, *columns: Any) -> Any:
    """The last document of each order that has one since then, beside its order."""
    later = documents.alias("later")
    is_last = ~select(later.c.n).where(later.c.order_id == documents.c.order_id, later.c.n > documents.c.n).exists()
    joined = documents.join(orders, orders.c.id == documents.c.order_id)
    return select(*columns).select_from(joined).where(documents.c.requested_at >= since, is_last)


def _document_of(row: Any) -> Document:
    return Document(
        order_id=row.order_id,
        n=row.n,
        kind=row.kind,
        credited_before=row.credited_before,
        credited=row.credited,
        requested_at=row.requested_at,
        units_before=units_from_text(row.units_before),
        units=units_from_text(row.units),
        series=row.series,
        number=row.number,
        issued_at=row.issued_at,
        content=DECODER.decode(row.content) if row.content else None,
    )


def _row(document: Document) -> dict[str, Any]:
    return {
        "order_id": document.order_id,
        "n": document.n,
        "kind": document.kind,
        "credited_before": document.credited_before,
        "credited": document.credited,
        "requested_at": document.requested_at,
        "units_before": units_as_text(document.units_before),
        "units": units_as_text(document.units),
    }
