"""The repository of payments."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, insert, select, update

from app.kernel.compiled import execute
from app.kernel.database import notify_of_change
from app.kernel.errors import NotFound, Stale
from app.kernel.money import Money
from app.modules.payments.domain.payment import Payment
from app.modules.payments.infrastructure.tables import payments

INSERT = insert(payments).inline()
AS_IT_WAS_READ = (payments.c.id == bindparam("payment_id")) & (payments.c.version == bindparam("read"))
UPDATE = (
    update(payments).where(AS_IT_WAS_READ).values({each.name: bindparam(f"new_{each.name}") for each in payments.c})
)
BY_ID = select(payments).where(payments.c.id == bindparam("id"))
BY_ID_LOCKED = BY_ID.with_for_update()
BY_ORDER = select(payments).where(payments.c.order_id == bindparam("order_id"))
BY_INTENT = select(payments).where(payments.c.intent_id == bindparam("intent_id"))


class SqlPayments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, id: UUID) -> Payment:
        return self._existing(id, self._one(BY_ID, id=id))

    def lock(self, id: UUID) -> Payment:
        return self._existing(id, self._one(BY_ID_LOCKED, id=id))

    def of_order(self, order_id: UUID) -> Payment | None:
        return self._one(BY_ORDER, order_id=order_id)

    def of_intent(self, intent_id: str) -> Payment | None:
        return self._one(BY_INTENT, intent_id=intent_id)

    def save(self, payment: Payment) -> Payment:
        saved = replace(payment, version=payment.version + 1)
        notify_of_change(self._connection, str(payment.order_id))  # clients wait for the payment of an order
        if payment.version == 0:
            execute(self._connection, INSERT, _row(saved))
            return saved
        which = {"payment_id": payment.id, "read": payment.version}
        changes = {f"new_{name}": value for name, value in _row(saved).items()}
        if execute(self._connection, UPDATE, which | changes).rowcount == 0:
            raise Stale(f"payment {payment.id} was changed by another transaction")
        return saved

    def begun_since(self, since: datetime, after: UUID | None, limit: int) -> Sequence[Payment]:
        query = select(payments).where(_begun(since))
        if after is not None:
            query = query.where(payments.c.id > after)
        return [_payment(row) for row in self._connection.execute(query.order_by(payments.c.id).limit(limit))]

    def count_since(self, since: datetime) -> int:
        return self._connection.execute(select(func.count()).select_from(payments).where(_begun(since))).scalar_one()

    def _one(self, query: Select[Any], **which: UUID | str) -> Payment | None:
        row = execute(self._connection, query, which).first()
        return _payment(row) if row else None

    def _existing(self, id: UUID, payment: Payment | None) -> Payment:
        if payment is None:
            raise NotFound("no_such_payment", f"there is no payment {id}")
        return payment


def _begun(since: datetime) -> ColumnElement[bool]:
    return (payments.c.created_at >= since) & payments.c.requested_at.is_not(None)


def _payment(row: Any) -> Payment:
    values = row._asdict()
    return Payment(**values | {"amount": Money(values.pop("amount"), values.pop("currency"))})


def _row(payment: Payment) -> dict[str, Any]:
    return {**vars(payment), "amount": payment.amount.amount, "currency": payment.amount.currency}
