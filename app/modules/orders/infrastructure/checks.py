"""What came of audits, as rows: one for each order that was asked about, and one for each answer."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select

from app.bus.contracts.orders import OrderAuditRequested
from app.bus.tables import outbox
from app.kernel.database import upsert
from app.modules.orders.infrastructure.tables import order_checks
from app.modules.orders.ports import OrderDiscrepancy

ASKED = "orders"  # the module of a row that stands for the question


class SqlChecks:
    """Questions and answers by audit, order and module."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, audit: UUID, order_ids: Iterable[UUID], now: datetime) -> None:
        """A row for each."""
        rows = [{"audit": audit, "order_id": each, "module": ASKED, "at": now} for each in order_ids]
        if rows:
            self._connection.execute(insert(order_checks), rows)

    def keep(self, audit: UUID, order_id: UUID, module: str, discrepancy: str | None, now: datetime) -> None:
        """In the place of an earlier one."""
        row = {"audit": audit, "order_id": order_id, "module": module, "discrepancy": discrepancy, "at": now}
        upsert(self._connection, order_checks, "audit,order_id,module", row, {"discrepancy": discrepancy, "at": now})

    def answered(self, audit: UUID, module: str) -> int:
        these = (order_checks.c.audit == audit) & (order_checks.c.module == module)
        return self._connection.execute(select(func.count()).select_from(order_checks).where(these)).scalar_one()

    def unanswered(self, audit: UUID, module: str) -> tuple[int, UUID | None]:
        """Those with a question and no answer."""
        answer = order_checks.alias()
        same = (answer.c.audit == audit) & (answer.c.order_id == order_checks.c.order_id) & (answer.c.module == module)
        open_questions = (
            (order_checks.c.audit == audit)
            & (order_checks.c.module == ASKED)
            & ~select(answer.c.audit).where(same).exists()
        )
        first = select(order_checks.c.order_id).where(open_questions).order_by(order_checks.c.order_id).limit(1)
        count = select(func.count()).select_from(order_checks).where(open_questions)
        return self._connection.execute(count).scalar_one(), self._connection.execute(first).scalar()

    def discrepancies(self, audit: UUID) -> Sequence[OrderDiscrepancy]:
        found = (order_checks.c.audit == audit) & order_checks.c.discrepancy.is_not(None)
        rows = select(order_checks).where(found).order_by(order_checks.c.order_id, order_checks.c.module)
        return [
            OrderDiscrepancy(order_id=row.order_id, module=row.module, sentence=row.discrepancy)
            for row in self._connection.execute(rows)
        ]

    def is_carried(self) -> bool:
        """No question lies in the outbox any more."""
        waits = (outbox.c.published_at.is_(None)) & (outbox.c.type == OrderAuditRequested.event_type())
        return self._connection.execute(select(outbox.c.position).where(waits).limit(1)).first() is None

    def forget_agreeing(self, audit: UUID) -> None:
        """Questions, and answers without a discrepancy."""
        agree = (order_checks.c.audit == audit) & order_checks.c.discrepancy.is_(None)
        self._connection.execute(delete(order_checks).where(agree))

    def prune(self, before: datetime) -> int:
        """Delete what is older."""
        return self._connection.execute(delete(order_checks).where(order_checks.c.at < before)).rowcount
