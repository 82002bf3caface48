"""Identifiers: UUIDv7, so that they sort by the time of their creation."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def made_at(id: UUID) -> datetime:
    """The time at which a UUIDv7 was created, to the millisecond (RFC 9562, 5.7)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def first_id(at: datetime) -> UUID:
    """The smallest UUIDv7 of this millisecond: those created later are greater, those created before are smaller."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def new_id() -> UUID:
    return uuid7()
