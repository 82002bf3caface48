"""The current time. Domain rules take `now` as a parameter; only entry points read it here."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time in UTC, with its zone."""
    return datetime.now(UTC)


def rfc3339(time: datetime) -> str:
    """Format a time in UTC, as the API and the events do."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
