"""What is parked, as a person needs to see it: page by page, by cause, and what waits behind what."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, tuple_, update

from app.bus.parking import waits
from app.bus.tables import parked, parked_keys
from app.kernel import clock

MAX_CAUSE_LENGTH = 300  # characters of an error that are looked at
VARIABLE = re.compile(
    r"""'[^']*'|"[^"]*"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|(?<!\w)\d+(?:[.:]\d+)*""",
    re.IGNORECASE,
)
AT_ONCE = 500  # keys a statement

KEY = (parked.c.consumer, parked.c.topic, parked.c.key)
EARLIER = parked.alias("earlier")
IS_FIRST = ~(
    select(EARLIER.c.id)
    .where(*(EARLIER.c[column.name] == column for column in KEY), EARLIER.c.id < parked.c.id)
    .where(EARLIER.c.discarded_at.is_(None))
    .exists()
)
SAME_KEY = and_(*(parked_keys.c[column.name] == column for column in KEY))
ROWS = (
    select(parked, parked_keys.c.tries, parked_keys.c.next_try_at, IS_FIRST.label("is_first"))
    .outerjoin(parked_keys, SAME_KEY)
    .where(waits())
    .order_by(parked.c.id)
)
FIRSTS = (
    select(func.min(parked.c.id).label("id"), func.count().label("events")).where(waits()).group_by(*KEY).subquery()
)


@dataclass
class Cause:
    """Why keys are stuck: the first event of each failed in the same way. `events` counts those behind them, too."""

    type: str
    cause: str
    keys: int
    events: int
    oldest: datetime
    example: int


def cause_of(error: str) -> str:
    """The first line of an error, … for what differs from case to case."""
    return VARIABLE.sub("…", error[:MAX_CAUSE_LENGTH].partition("\n")[0])


def rows(connection: Connection, type: str | None, key: str | None, after: int, limit: int) -> Sequence[Row[Any]]:
    """What waits, oldest first, after an id; with its key's tries, and whether it is the first of its key."""
    found = ROWS.where(parked.c.id > after).limit(limit)
    for column, value in ((parked.c.type, type), (parked.c.key, key)):
        found = found.where(column == value) if value is not None else found
    return connection.execute(found).all()


def one(connection: Connection, id: int) -> Row[Any] | None:
    """The same of one row."""
    return connection.execute(ROWS.where(parked.c.id == id)).first()


def queued_behind(connection: Connection, row: Row[Any], limit: int) -> tuple[int, list[Any]]:
    """What waits behind a row: how many, and the next of them (id, type, event_id, parked_at)."""
    later = and_(*(column == getattr(row, column.name) for column in KEY), parked.c.id > row.id, waits())
    count = connection.execute(select(func.count()).select_from(parked).where(later)).scalar_one()
    some = select(parked.c.id, parked.c.type, parked.c.event_id, parked.c.parked_at).where(later)
    return count, list(connection.execute(some.order_by(parked.c.id).limit(limit)))


def causes(connection: Connection) -> list[Cause]:
    """Why keys are stuck, most keys first."""
    error = func.substr(parked.c.error, 1, MAX_CAUSE_LENGTH).label("error")
    firsts = select(parked.c.id, parked.c.type, error, parked.c.parked_at, FIRSTS.c.events).join(
        FIRSTS, FIRSTS.c.id == parked.c.id
    )
    each = firsts.subquery().c
    alike = select(
        each.type, each.error, func.count(), func.sum(each.events), func.min(each.parked_at), func.min(each.id)
    )
    found: dict[tuple[str, str], Cause] = {}
    for type, raw, keys, events, since, example in connection.execute(alike.group_by(each.type, each.error)):
        which = (type, cause_of(raw))
        known = found.setdefault(which, Cause(*which, 0, 0, since, example))
        known.keys, known.events = known.keys + keys, known.events + int(events)
        known.oldest, known.example = min(known.oldest, since), min(known.example, example)
    return sorted(found.values(), key=lambda each: (-each.keys, each.example))


def stuck_keys(connection: Connection, type: str | None, cause: str | None) -> list[tuple[str, str, str]]:
    """(consumer, topic, key) of what is stuck: where the first is of this type and failed for this cause."""
    firsts = select(*KEY, parked.c.type, parked.c.error).join(FIRSTS, FIRSTS.c.id == parked.c.id)
    return [
        (row.consumer, row.topic, row.key)
        for row in connection.execute(firsts)
        if type in (None, row.type) and cause in (None, cause_of(row.error))
    ]


def retry_keys(connection: Connection, keys: Iterable[tuple[str, str, str]]) -> int:
    """Try these again, now, with all their slow tries before them; how many of them were still stuck."""
    again, wanted = 0, list(keys)
    which = tuple_(parked_keys.c.consumer, parked_keys.c.topic, parked_keys.c.key)
    for start in range(0, len(wanted), AT_ONCE):
        these: ColumnElement[bool] = which.in_(wanted[start : start + AT_ONCE])
        again += connection.execute(update(parked_keys).where(these).values(tries=0, next_try_at=clock.now())).rowcount
    return again


def summary(connection: Connection) -> Row[Any]:
    """events, keys, waiting (those keys that only a person can free), oldest."""
    of_keys = select(func.count()).select_from(parked_keys)
    return connection.execute(
        select(
            func.count().label("events"),
            of_keys.scalar_subquery().label("keys"),
            of_keys.where(parked_keys.c.next_try_at.is_(None)).scalar_subquery().label("waiting"),
            func.min(parked.c.parked_at).label("oldest"),
        )
        .select_from(parked)
        .where(waits())
    ).one()
