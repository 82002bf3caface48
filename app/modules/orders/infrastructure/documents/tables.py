"""The tables of invoices and credit notes. All tables of orders share their metadata."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text, Uuid

from app.kernel.database import Name, UtcDateTime
from app.modules.orders.domain.documents.document import DocumentKind
from app.modules.orders.infrastructure.orders.private_tables import metadata as metadata

MAX_SERIES_LENGTH = 20

documents = Table(
    "documents",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),  # of the order's documents
    Column("kind", Name(DocumentKind), nullable=False),
    Column("credited_before", BigInteger, nullable=False),
    Column("credited", BigInteger, nullable=False),
    Column("units_before", Text),  # JSON; null: none, as in the next one
    Column("units", Text),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("series", String(MAX_SERIES_LENGTH)),  # null, as the next three: it is not issued yet
    Column("number", Integer),
    Column("issued_at", UtcDateTime),
    Column("content", Text),  # JSON; it never changes
    CheckConstraint("(number IS NULL) = (content IS NULL)", name="an_issued_document_has_a_content"),
    Index("documents_by_number", "series", "number", unique=True),
    Index("documents_by_time", "issued_at", "series", "number"),
    Index(
        "documents_not_issued",
        "requested_at",
        sqlite_where=Column("number", Integer).is_(None),
        postgresql_where=Column("number", Integer).is_(None),
    ),
)

document_series = Table(  # numbers of a series have no gap: who issues a document locks its series until the commit
    "document_series",
    metadata,
    Column("name", String(MAX_SERIES_LENGTH), primary_key=True),
    Column("last_number", Integer, nullable=False),
)
