"""Tables with personal data of orders, apart from all others so that it can be erased, and the records of staff."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, Uuid

from app.kernel.address import MAX_LENGTHS
from app.modules.orders.domain.orders.contact import MAX_LANGUAGE_LENGTH
from app.modules.orders.infrastructure.promotions.tables import metadata as metadata
from app.web.schemas import MAX_REFERENCE_LENGTH

order_addresses = Table(
    "order_addresses",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("kind", String(10), primary_key=True),  # shipping, billing
    *(Column(name, String(size), nullable=False) for name, size in MAX_LENGTHS.items()),
)

order_contacts = Table(
    "order_contacts",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),  # normalized, so that orders are found by it
    Column("language", String(MAX_LANGUAGE_LENGTH), nullable=False),
    Index("order_contacts_by_email", "email", "order_id"),
)

order_records = Table(
    "order_records",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("external_reference", String(MAX_REFERENCE_LENGTH)),
    Column("metadata", Text, nullable=False),  # JSON
    Column("version", Integer, nullable=False),
    Index("order_records_external_reference", "external_reference", unique=True),
)
