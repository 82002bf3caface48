"""The tables of users, and the mapping of its domain to them."""

from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import composite, registry, relationship
from sqlalchemy.types import TypeDecorator

from app.kernel.address import MAX_LENGTHS, Address
from app.kernel.database import UtcDateTime
from app.modules.users.domain.address_book import AddressBook, SavedAddress
from app.modules.users.domain.session import Session
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User
from app.web.schemas import MAX_REFERENCE_LENGTH

metadata = MetaData()


class Metadata(TypeDecorator[dict[str, str]]):
    """Names and values as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> str:
        return msgspec.json.encode(value or {}).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return msgspec.json.decode(value or "{}")


users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("external_reference", String(MAX_REFERENCE_LENGTH)),
    Column("metadata", Metadata, nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False),
    Column("default_shipping_id", Uuid),
    Column("default_billing_id", Uuid),
    Index("users_by_role", "role", "id"),
    Index("users_external_reference", "external_reference", unique=True),
)

addresses = Table(  # of all tables only this one has postal addresses, so that they can be erased
    "addresses",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    *(Column(name, String(size), nullable=False) for name, size in MAX_LENGTHS.items()),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("addresses_of_user", "user_id", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("device", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("ended_at", UtcDateTime, index=True),
    Column("version", Integer, nullable=False),
    Index("sessions_of_user", "user_id", "id"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("fingerprint", LargeBinary(32), primary_key=True),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index("tokens_of_session", "session_id", "issued_at"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("encrypted_private_key", LargeBinary, nullable=False),
    Column("active_from", UtcDateTime, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

mapping = registry(metadata=metadata)
DEFAULTS = {"default_shipping_id": users.c.default_shipping_id, "default_billing_id": users.c.default_billing_id}
mapping.map_imperatively(
    User, users, version_id_col=users.c.version, version_id_generator=False, exclude_properties=DEFAULTS.keys()
)
mapping.map_imperatively(
    SavedAddress,
    addresses,
    version_id_col=addresses.c.version,
    version_id_generator=False,
    properties={"address": composite(Address, *(addresses.c[name] for name in MAX_LENGTHS))},
)
mapping.map_imperatively(  # the same row as the account: who locks it may change its addresses
    AddressBook,
    users,
    include_properties=["id", *DEFAULTS],
    properties={
        "user_id": users.c.id,
        "addresses": relationship(SavedAddress, order_by=addresses.c.id, cascade="all, delete-orphan"),
    },
)
mapping.map_imperatively(Session, sessions, version_id_col=sessions.c.version, version_id_generator=False)
mapping.map_imperatively(SigningKey, signing_keys, version_id_col=signing_keys.c.version, version_id_generator=False)
