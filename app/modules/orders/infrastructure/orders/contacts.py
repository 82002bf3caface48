"""The contacts of orders in the database: a row for the e-mail address, and one for each postal address."""

from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.kernel.address import MAX_LENGTHS, Address
from app.kernel.compiled import execute
from app.kernel.inserts import upsert
from app.modules.orders.domain.orders.contact import Contact
from app.modules.orders.infrastructure.orders.private_tables import order_addresses, order_contacts
from app.modules.orders.infrastructure.orders.rows import insert_rows

INSERT, INSERT_ADDRESS = insert(order_contacts), insert(order_addresses)
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

    def add(self, order_id: UUID, contact: Contact) -> None:
        row = {"order_id": order_id, "email": contact.email, "language": contact.language}
        execute(self._connection, INSERT, row)
        self._add_addresses(order_id, contact)

    def save(self, order_id: UUID, contact: Contact) -> None:
        row = {"order_id": order_id, "email": contact.email, "language": contact.language}
        upsert(self._connection, order_contacts, "order_id", row, ("email", "language"))
        self._connection.execute(NO_ADDRESSES, {"of_order": order_id})
        self._add_addresses(order_id, contact)

    def _add_addresses(self, order_id: UUID, contact: Contact) -> None:
        both = {"shipping": contact.shipping, "billing": contact.billing}
        rows = [{"order_id": order_id, "kind": kind, **vars(address)} for kind, address in both.items() if address]
        insert_rows(self._connection, INSERT_ADDRESS, rows)
