"""Tables of the HTTP layer, in every module's database: idempotency keys, and data to verify access tokens with."""

from sqlalchemy import Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text, Uuid

from app.kernel.database import UtcDateTime

metadata = MetaData()

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", String(120), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("body", LargeBinary),  # the cached response; if null, it is rendered from the resource
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

trusted_keys = Table(  # keys that sign access tokens, one row for each root key that has signed them
    "trusted_signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("root", String(64), primary_key=True),  # that signed it; "" before there were root keys
    Column("public_key", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("until", UtcDateTime),  # only where no root key has signed it: trusted until then
)

Table(  # for earlier versions, without root keys, which may still run beside this one
    "known_signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)

epochs = Table(
    "known_epochs",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
)

ended_sessions = Table(
    "known_ended_sessions",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False, index=True),
)
