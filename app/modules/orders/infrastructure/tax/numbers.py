"""The tax numbers of customers and of orders in the database."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from app.jobs.enqueue import enqueue
from app.kernel.compiled import execute
from app.kernel.errors import Stale
from app.modules.orders.domain.tax.numbers import TaxNumber
from app.modules.orders.domain.tax.rules import BuyerNumber, NumberState
from app.modules.orders.infrastructure.tax.tables import buyer_tax_ids, order_tax_ids

OF_CUSTOMER = select(buyer_tax_ids).where(buyer_tax_ids.c.customer_id == bindparam("customer")).order_by("id")
ONE = select(buyer_tax_ids).where(buyer_tax_ids.c.id == bindparam("id"))
LOCK = text("SELECT pg_advisory_xact_lock(:lock)")
CHECK = "check_tax_number"  # the kind of job


class SqlTaxNumbers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, customer_id: UUID) -> Sequence[TaxNumber]:
        return [_number(row) for row in execute(self._connection, OF_CUSTOMER, {"customer": customer_id})]

    def find(self, id: UUID) -> TaxNumber | None:
        row = execute(self._connection, ONE, {"id": id}).first()
        return _number(row) if row else None

    def lock(self, customer_id: UUID) -> None:
        if self._connection.dialect.name == "postgresql":  # SQLite has one writer at a time
            self._connection.execute(LOCK, {"lock": customer_id.int % 2**63})

    def save(self, number: TaxNumber) -> TaxNumber:
        saved = replace(number, version=number.version + 1)
        if number.version == 0:
            self._connection.execute(insert(buyer_tax_ids), asdict(saved))
            return saved
        is_it = (buyer_tax_ids.c.id == number.id) & (buyer_tax_ids.c.version == number.version)
        if self._connection.execute(update(buyer_tax_ids).where(is_it), asdict(saved)).rowcount == 0:
            raise Stale("a tax number was changed by someone else")
        return saved

    def remove(self, id: UUID) -> None:
        self._connection.execute(delete(buyer_tax_ids).where(buyer_tax_ids.c.id == id))

    def save_of_order(self, order_id: UUID, number: BuyerNumber) -> None:
        self._connection.execute(insert(order_tax_ids), {"order_id": order_id, **asdict(number)})

    def of_order(self, order_id: UUID) -> BuyerNumber | None:
        row = self._connection.execute(select(order_tax_ids).where(order_tax_ids.c.order_id == order_id)).first()
        if row is None:
            return None
        return BuyerNumber(
            country=row.country, number=row.number, state=NumberState(row.state), checked_at=row.checked_at
        )

    def enqueue_check(self, id: UUID) -> None:
        enqueue(self._connection, CHECK, str(id))


def _number(row: Any) -> TaxNumber:
    return TaxNumber(
        id=row.id,
        customer_id=row.customer_id,
        country=row.country,
        number=row.number,
        state=NumberState(row.state),
        answered_name=row.answered_name,
        evidence=row.evidence,
        checked_at=row.checked_at,
        created_at=row.created_at,
        version=row.version,
    )
