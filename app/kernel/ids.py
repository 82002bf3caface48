"""Identifiers: UUIDv7, so that they sort by the time they were made."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def made_at(id: UUID) -> datetime:
    """When a UUIDv7 was made, to the millisecond (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()
