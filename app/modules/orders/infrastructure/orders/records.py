"""The records of orders in the database, each written by its own version."""

from dataclasses import replace
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from app.kernel.compiled import execute
from app.kernel.constraints import refusing
from app.kernel.errors import Conflict, Stale
from app.kernel.inserts import insert_if_absent
from app.modules.orders.domain.orders.record import Record
from app.modules.orders.infrastructure.orders.private_tables import order_records

OF_ORDER = select(order_records).where(order_records.c.order_id == bindparam("order_id"))
UPDATE = (
    update(order_records)
    .where(order_records.c.order_id == bindparam("of_order"), order_records.c.version == bindparam("read"))
    .values({name: bindparam(f"new_{name}") for name in ("external_reference", "metadata", "version")})
)


class SqlRecords:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, order_id: UUID) -> Record:
        row = execute(self._connection, OF_ORDER, {"order_id": order_id}).first()
        if row is None:
            return Record(order_id=order_id)
        return Record(
            order_id=order_id,
            external_reference=row.external_reference,
            metadata=msgspec.json.decode(row.metadata, type=dict[str, str]),
            version=row.version,
        )

    def save(self, record: Record) -> Record:
        """A first record is inserted empty, so that a taken reference and a rival's insert are told apart."""
        if record.version == 0:
            empty = {"order_id": record.order_id, "external_reference": None, "metadata": "{}", "version": 0}
            insert_if_absent(self._connection, order_records, empty)
        saved = replace(record, version=record.version + 1)
        values = {
            "of_order": record.order_id,
            "read": record.version,
            "new_external_reference": saved.external_reference,
            "new_metadata": msgspec.json.encode(dict(saved.metadata)).decode(),
            "new_version": saved.version,
        }
        sentence = f"another order has the external reference {saved.external_reference}: choose another"
        taken = Conflict("external_reference_taken", sentence)
        on_sqlite = "UNIQUE constraint failed: order_records.external_reference"
        with refusing(taken, "order_records_external_reference", on_sqlite=on_sqlite):
            changed = self._connection.execute(UPDATE, values).rowcount
        if changed == 0:
            raise Stale(f"the record of order {record.order_id} was changed by someone else")
        return saved
