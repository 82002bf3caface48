"""The time. Rules take `now` as a value; only entry points ask for it here."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC, with its zone."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """A moment as the API and the events write it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
