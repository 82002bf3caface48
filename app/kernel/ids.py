"""Identifiers: UUIDv7, so that they sort by the time of their creation."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def made_at(id: UUID) -> datetime:
    """The time at which a UUIDv7 was created, to the millisecond (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def new_id() -> UUID:
    return uuid7()
