"""The contacts of orders in the database: a row for the e-mail address, and one for each postal address."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.kernel.address import MAX_LENGTHS, Address
from app.kernel.compiled import execute
from app.kernel.inserts import upsert
from app.modules.orders.domain.contact import Contact
from app.modules.orders.infrastructure.private_tables import order_addresses, order_contacts

OF_ORDER = select(order_contacts).where(order_contacts.c.order_id == bindparam("order_id"))
ADDRESSES = select(order_addresses).where(order_addresses.c.order_id == bindparam("order_id"))
NO_ADDRESSES = delete(order_addresses).where(order_addresses.c.order_id == bindparam("of_order"))


class SqlContacts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, order_id: UUID) -> Contact:
        row = execute(self._connection, OF_ORDER, {"order_id": order_id}).first()
        found = execute(self._connection, ADDRESSES, {"order_id": order_id})
        addresses = {each.kind: Address(**{name: getattr(each, name) for name in MAX_LENGTHS}) for each in found}
        return Contact(
            email=row.email if row else "",
            language=row.language if row else "",
            shipping=addresses.get("shipping"),
            billing=addresses.get("billing"),
        )

    def save(self, order_id: UUID, contact: Contact) -> None:
        row = {"order_id": order_id, "email": contact.email, "language": contact.language}
        upsert(self._connection, order_contacts, "order_id", row, ("email", "language"))
        self._connection.execute(NO_ADDRESSES, {"of_order": order_id})
        both = {"shipping": contact.shipping, "billing": contact.billing}
        rows: list[dict[str, Any]] = [
            {"order_id": order_id, "kind": kind, **asdict(address)} for kind, address in both.items() if address
        ]
        if rows:
            self._connection.execute(insert(order_addresses), rows)
