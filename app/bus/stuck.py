"""Queries over parked events for operators: pages of rows, counts by cause, and the queue behind an event."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, tuple_, update

from app.bus.parking import waits
from app.bus.tables import parked, parked_keys
from app.kernel import clock

MAX_CAUSE_LENGTH = 300  # characters of an error that count as its cause
VARIABLE = re.compile(
    r"""'[^']*'|"[^"]*"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|(?<!\w)\d+(?:[.:]\d+)*""",
    re.IGNORECASE,
)
AT_ONCE = 500  # keys in one statement

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
    """Keys that are stuck for the same cause: the first event of each failed in the same way.

    `events` counts the events behind the first ones, too; `example` is the lowest id of a first event.
    """

    type: str
    cause: str
    keys: int
    events: int
    oldest: datetime
    example: int


def cause_of(error: str) -> str:
    """The first line of an error, with … in place of values that vary: quoted text, ids and numbers.

    Signs that are not printed become blanks, and there are none at its end: it is as a request can send it back.
    """
    line = VARIABLE.sub("…", error[:MAX_CAUSE_LENGTH].partition("\n")[0])
    printed = "".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFC", line))
    return printed[:MAX_CAUSE_LENGTH].strip()


def rows(connection: Connection, type: str | None, key: str | None, after: int, limit: int) -> Sequence[Row[Any]]:
    """Waiting rows after an id, oldest first; with the tries of their key, and whether each is the first of its key."""
    query = ROWS.where(parked.c.id > after).limit(limit)
    for column, value in ((parked.c.type, type), (parked.c.key, key)):
        query = query.where(column == value) if value is not None else query
    return connection.execute(query).all()


def one(connection: Connection, id: int) -> Row[Any] | None:
    """One waiting row, with the same columns as those of `rows`."""
    return connection.execute(ROWS.where(parked.c.id == id)).first()


def queued_behind(connection: Connection, row: Row[Any], limit: int) -> tuple[int, list[Any]]:
    """The number of rows that wait behind a row, and the next `limit` of them: (id, type, event_id, parked_at)."""
    later = and_(*(column == getattr(row, column.name) for column in KEY), parked.c.id > row.id, waits())
    count = connection.execute(select(func.count()).select_from(parked).where(later)).scalar_one()
    query = select(parked.c.id, parked.c.type, parked.c.event_id, parked.c.parked_at).where(later)
    return count, list(connection.execute(query.order_by(parked.c.id).limit(limit)))


def causes(connection: Connection) -> list[Cause]:
    """The causes for which keys are stuck, the one with most keys first."""
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
    """(consumer, topic, key) of each stuck key whose first event has this type and failed for this cause."""
    firsts = select(*KEY, parked.c.type, parked.c.error).join(FIRSTS, FIRSTS.c.id == parked.c.id)
    return [
        (row.consumer, row.topic, row.key)
        for row in connection.execute(firsts)
        if type in (None, row.type) and cause in (None, cause_of(row.error))
    ]


def retry_keys(connection: Connection, keys: Iterable[tuple[str, str, str]]) -> int:
    """Make these keys due now, with all their slow tries. Returns the number of them that were still stuck."""
    count, selected = 0, list(keys)
    columns = tuple_(parked_keys.c.consumer, parked_keys.c.topic, parked_keys.c.key)
    for start in range(0, len(selected), AT_ONCE):
        some: ColumnElement[bool] = columns.in_(selected[start : start + AT_ONCE])
        count += connection.execute(update(parked_keys).where(some).values(tries=0, next_try_at=clock.now())).rowcount
    return count


def summary(connection: Connection) -> Row[Any]:
    """One row: events, keys, waiting (the keys without a next try, which an operator has to retry), oldest."""
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
