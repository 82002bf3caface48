"""The tables of the bus, the same in the database of every module."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from app.kernel.database import UtcDateTime

metadata = MetaData()
Position = BigInteger().with_variant(Integer, "sqlite")

outbox = Table(
    "outbox",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False),
    Column("topic", String(60), nullable=False),
    Column("key", String(200), nullable=False),
    Column("type", String(120), nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    sqlite_autoincrement=True,  # a position is never used twice, even after pruning
)
Index(
    "outbox_unpublished",
    outbox.c.position,
    postgresql_where=outbox.c.published_at.is_(None),
    sqlite_where=outbox.c.published_at.is_(None),
)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", String(60), primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("handled_at", UtcDateTime, nullable=False, index=True),
)

parked_keys = Table(
    "parked_keys",
    metadata,
    Column("consumer", String(60), primary_key=True),
    Column("topic", String(60), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcDateTime),  # none: no try is left, and an operator has to retry or discard
)

parked = Table(
    "parked",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("consumer", String(60), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("key", String(200), nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", String(120), nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", UtcDateTime, nullable=False),
    Column("discarded_at", UtcDateTime),
    Column("discarded_by", String(120)),
    Column("discard_reason", Text),
    UniqueConstraint("consumer", "event_id"),
    Index("parked_queue", "consumer", "topic", "key", "id"),
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("owner", String(60), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
