"""The repository of refunds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from app.kernel.errors import NotFound, Stale
from app.kernel.money import Money
from app.modules.payments.domain.refund import Refund, RefundStatus
from app.modules.payments.infrastructure.tables import refunds

OF_PAYMENT = select(refunds).where(refunds.c.payment_id == bindparam("payment_id")).order_by(refunds.c.id)


class SqlRefunds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: UUID) -> Refund:
        refund = self.find(id)
        if refund is None:
            raise NotFound("no_such_refund", f"there is no refund {id}")
        return refund

    def find(self, id: UUID) -> Refund | None:
        row = self._connection.execute(select(refunds).where(refunds.c.id == id)).first()
        return _refund(row) if row else None

    def of(self, payment_id: UUID) -> Sequence[Refund]:
        return [_refund(row) for row in self._connection.execute(OF_PAYMENT, {"payment_id": payment_id})]

    def committed(self, payment_id: UUID) -> int:
        unanswered = (refunds.c.payment_id == payment_id) & (refunds.c.status == RefundStatus.NEW)
        return int(
            self._connection.execute(
                select(func.coalesce(func.sum(refunds.c.amount), 0)).where(unanswered)
            ).scalar_one()
        )

    def save(self, refund: Refund) -> Refund:
        saved = replace(refund, version=refund.version + 1)
        if refund.version == 0:
            self._connection.execute(insert(refunds).inline(), _row(saved))
            return saved
        as_it_was_read = (refunds.c.id == refund.id) & (refunds.c.version == refund.version)
        if self._connection.execute(update(refunds).where(as_it_was_read).values(**_row(saved))).rowcount == 0:
            raise Stale(f"refund {refund.id} was changed by another transaction")
        return saved


def _refund(row: Row[Any]) -> Refund:
    values = dict(row._mapping)
    return Refund(**values | {"amount": Money(values.pop("amount"), values.pop("currency"))})


def _row(refund: Refund) -> dict[str, Any]:
    return {**vars(refund), "amount": refund.amount.amount, "currency": refund.amount.currency}
