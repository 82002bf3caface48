"""Days and times as people type them: a day, or a day with a time, in UTC unless it says otherwise."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.kernel.errors import Invalid
from app.web.schemas import DateTimeField

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})")
LIKE = "as 2026-12-01, or 2026-12-01 09:30; in UTC, unless it has a zone: 2026-12-01T09:30:00+01:00"


class TypedTime(DateTimeField):
    """A time, of which the part after the day, the seconds and the zone may be left out."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(value).strip()
        if DAY.fullmatch(text):
            text = f"{text}T00:00:00+00:00"
        elif found := MINUTE.fullmatch(text):
            text = f"{found[1]}T{found[2]}:00+00:00"
        return super()._deserialize(text, attr, data, **kwargs)


def time_text(value: datetime | None) -> str:
    """A time as it would be typed; to the microsecond where it has them, so that saving it again changes nothing."""
    if value is None:
        return ""
    utc = value.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M}" if not (utc.second or utc.microsecond) else utc.isoformat()


def midnight(day: date | None, days: int = 0) -> datetime | None:
    """The beginning of a day in UTC. Raises Invalid(invalid_form) for a year in which the shop did not exist."""
    if day is None:
        return None
    if not 2000 <= day.year < 3000:
        raise Invalid("invalid_form", "give a day of the years 2000 to 2999")
    return datetime.combine(day, time(), UTC) + timedelta(days=days)
