"""Audit requests and answers, as rows: one for each order that was audited, and one for each module's answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, tuple_

from app.bus.contracts.orders import OrderAuditRequested
from app.bus.tables import outbox
from app.kernel.deletes import delete_slice
from app.kernel.inserts import upsert
from app.kernel.slices import SLICE
from app.modules.orders.infrastructure.tables import order_checks
from app.modules.orders.ports import OrderDiscrepancy

REQUEST = "orders"  # in the column `module`: the row is a request, not an answer


class SqlChecks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, audit: UUID, order_ids: Iterable[UUID], now: datetime) -> None:
        rows = [{"audit": audit, "order_id": each, "module": REQUEST, "at": now} for each in order_ids]
        if rows:
            self._connection.execute(insert(order_checks), rows)

    def keep(self, audit: UUID, order_id: UUID, module: str, discrepancy: str | None, now: datetime) -> None:
        row = {"audit": audit, "order_id": order_id, "module": module, "discrepancy": discrepancy, "at": now}
        upsert(self._connection, order_checks, "audit,order_id,module", row, ("discrepancy", "at"))

    def answered(self, audit: UUID, module: str) -> int:
        answers = (order_checks.c.audit == audit) & (order_checks.c.module == module)
        return self._connection.execute(select(func.count()).select_from(order_checks).where(answers)).scalar_one()

    def unanswered(self, audit: UUID, module: str) -> tuple[int, UUID | None]:
        answer = order_checks.alias()
        same = (answer.c.audit == audit) & (answer.c.order_id == order_checks.c.order_id) & (answer.c.module == module)
        open_requests = (
            (order_checks.c.audit == audit)
            & (order_checks.c.module == REQUEST)
            & ~select(answer.c.audit).where(same).exists()
        )
        first = select(order_checks.c.order_id).where(open_requests).order_by(order_checks.c.order_id).limit(1)
        count = select(func.count()).select_from(order_checks).where(open_requests)
        return self._connection.execute(count).scalar_one(), self._connection.execute(first).scalar()

    def discrepancies(self, audit: UUID) -> Sequence[OrderDiscrepancy]:
        differing = (order_checks.c.audit == audit) & order_checks.c.discrepancy.is_not(None)
        rows = select(order_checks).where(differing).order_by(order_checks.c.order_id, order_checks.c.module)
        return [
            OrderDiscrepancy(order_id=row.order_id, module=row.module, sentence=row.discrepancy)
            for row in self._connection.execute(rows)
        ]

    def are_requests_sent(self) -> bool:
        unsent = (outbox.c.published_at.is_(None)) & (outbox.c.type == OrderAuditRequested.event_type())
        return self._connection.execute(select(outbox.c.position).where(unsent).limit(1)).first() is None

    def forget_agreeing(self, audit: UUID) -> int:
        """Rows that a module answers again at this moment are left to `prune`: to wait for them could be a deadlock,
        because answers that are consumed together lock their rows in another order."""
        key, agreeing = list(order_checks.primary_key), order_checks.c.discrepancy.is_(None)
        found = select(*key).where(order_checks.c.audit == audit, agreeing).limit(SLICE)
        free = found.with_for_update(skip_locked=True)  # not a CTE: Python's sqlite3 counts no rows after WITH
        return self._connection.execute(delete(order_checks).where(tuple_(*key).in_(free))).rowcount

    def prune(self, before: datetime) -> int:
        return delete_slice(self._connection, order_checks, order_checks.c.at < before, first=order_checks.c.audit)
