"""What a provider of tax has to be told, in the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, case, func, insert, select, update

from app.jobs.enqueue import enqueue
from app.kernel.database import count_once_committed
from app.modules.orders.domain.orders.state_machine import Status
from app.modules.orders.domain.tax.question import Recorded
from app.modules.orders.domain.tax.record import TaxRecord
from app.modules.orders.infrastructure.metrics import TAX_RECORDED
from app.modules.orders.infrastructure.orders.unit_refunds import given_of, given_row
from app.modules.orders.infrastructure.tables import orders
from app.modules.orders.infrastructure.tax.tables import TO_TELL, tax_records

RECORD = "record_tax"  # the kind of job


class SqlTaxRecords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: TaxRecord) -> None:
        row = {name: getattr(record, name) for name in ("order_id", "n", "calculation", "requested_at")}
        self._connection.execute(insert(tax_records), row | given_row(record.before, record.after))

    def of(self, order_id: UUID) -> Sequence[TaxRecord]:
        query = select(tax_records).where(tax_records.c.order_id == order_id).order_by(tax_records.c.n)
        return list(map(_record, self._connection.execute(query)))

    def request(self, order_id: UUID, now: datetime) -> bool:
        is_new = (tax_records.c.order_id == order_id) & (tax_records.c.n == 0) & tax_records.c.requested_at.is_(None)
        return self._connection.execute(update(tax_records).where(is_new), {"requested_at": now}).rowcount == 1

    def save(self, record: TaxRecord, recorded: Recorded, now: datetime) -> bool:
        is_it = (tax_records.c.order_id == record.order_id) & (tax_records.c.n == record.n)
        row = {"recorded_as": recorded.transaction, "recorded_lines": json.dumps(dict(recorded.lines))}
        statement = update(tax_records).where(is_it, tax_records.c.recorded_at.is_(None))
        is_new = self._connection.execute(statement, {**row, "recorded_at": now}).rowcount == 1
        if is_new:
            count_once_committed(self._connection, TAX_RECORDED.labels("reversal" if record.n else "sale").inc)
        return is_new

    def try_anew(self, record: TaxRecord) -> None:
        is_it = (tax_records.c.order_id == record.order_id) & (tax_records.c.n == record.n)
        statement = update(tax_records).where(is_it, tax_records.c.attempt == record.attempt)
        self._connection.execute(statement, {"attempt": record.attempt + 1})

    def record_later(self, order_id: UUID) -> None:
        enqueue(self._connection, RECORD, str(order_id))

    def waiting(self, requested_before: datetime, limit: int) -> Sequence[TaxRecord]:
        query = select(tax_records).where(TO_TELL, tax_records.c.requested_at < requested_before)
        query = query.order_by(tax_records.c.requested_at).limit(limit)
        return list(map(_record, self._connection.execute(query)))

    def over_reversed(self, limit: int) -> Sequence[tuple[UUID, int, int]]:
        reversed_, is_undone = func.max(tax_records.c.after), orders.c.status == Status.REFUNDED
        own = orders.c.refunded + case((is_undone, orders.c.disputed), else_=0)
        query = (
            select(tax_records.c.order_id, reversed_, own)
            .join(orders, orders.c.id == tax_records.c.order_id)
            .where(tax_records.c.n > 0)
            .group_by(tax_records.c.order_id, orders.c.refunded, orders.c.disputed, orders.c.status)
            .having(reversed_ > own)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in self._connection.execute(query)]

    def not_reversed(self, since: datetime, limit: int) -> Sequence[UUID]:
        sale, refund = tax_records.alias("sale"), tax_records
        has_no_name = (sale.c.n == 0) & (sale.c.recorded_as == "")
        query = select(refund.c.order_id).join(sale, (sale.c.order_id == refund.c.order_id) & has_no_name)
        query = query.where(refund.c.n > 0, refund.c.recorded_at >= since).distinct().limit(limit)
        return self._connection.execute(query).scalars().all()


def _record(row: Any) -> TaxRecord:
    recorded = None
    if row.recorded_at is not None:
        recorded = Recorded(transaction=row.recorded_as, lines=json.loads(row.recorded_lines))
    before, after = given_of(row)
    return TaxRecord(
        order_id=row.order_id,
        n=row.n,
        calculation=row.calculation,
        before=before,
        after=after,
        requested_at=row.requested_at,
        attempt=row.attempt,
        recorded=recorded,
    )
