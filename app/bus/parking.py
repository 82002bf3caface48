"""Parking: an event that cannot be handled waits here with all later events of its key, in order.

Events of other keys are not affected. The row in parked_keys is the lock of a key's queue: a process holds it while it
appends to the queue or drains it, and draining deletes it last.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select, update

from app.bus import inbox, tables
from app.bus.event import Message, Unreadable
from app.bus.tables import parked, parked_keys
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.inserts import insert_if_absent

PARKED_KEY = select(parked_keys.c.key).where(
    parked_keys.c.consumer == bindparam("the_consumer"),
    parked_keys.c.topic == bindparam("the_topic"),
    parked_keys.c.key == bindparam("the_key"),
)
IS_PARKED = PARKED_KEY.with_for_update()
SLOW_TRIES = tuple(
    timedelta(seconds=seconds) for seconds in (10, 20, 30)
)  # then an operator has to retry or discard it


def is_parked(connection: Connection, consumer: str, message: Message) -> bool:
    """Whether earlier events of this key are parked. Locks the key's row, so that no drain finishes meanwhile."""
    return connection.execute(IS_PARKED, _which(consumer, message)).first() is not None


def first_in_turn(connection: Connection, consumer: str, message: Message) -> bool:
    """Record the event as handled. Returns False if it was handled before, or if earlier events of its key are parked.

    One statement answers both, since it runs for each event that arrives. Another process may park a key at any time,
    so this process cannot remember that none is parked.
    """
    row = {"consumer": consumer, "event_id": identity(message), "handled_at": clock.now()}
    return insert_if_absent(connection, tables.inbox, row | _which(consumer, message), unless=PARKED_KEY)


def park(connection: Connection, consumer: str, message: Message, error: str) -> None:
    """Append the event to the queue of its key. A second copy of it changes nothing."""
    now, key = clock.now(), _key_of(message)
    start = {"consumer": consumer, "topic": message.topic, "key": key, "tries": 0, "next_try_at": now + SLOW_TRIES[0]}
    insert_if_absent(connection, parked_keys, start)
    row = {
        "consumer": consumer,
        "topic": message.topic,
        "key": key,
        "event_id": identity(message),
        "type": _storable(message.type, 120),
        "headers": msgspec.json.encode({_storable(k): _storable(v) for k, v in message.headers.items()}).decode(),
        "body": message.body,
        "partition": message.partition,
        "offset": message.offset,
        "error": _storable(error, 2000),
        "parked_at": now,
    }
    insert_if_absent(connection, parked, row)


def due(connection: Connection, consumer: str, now: datetime) -> Sequence[Row[Any, Any]]:
    """Keys whose next slow try is due: rows of (topic, key)."""
    is_due = (parked_keys.c.consumer == consumer) & (parked_keys.c.next_try_at <= now)
    return connection.execute(select(parked_keys.c.topic, parked_keys.c.key).where(is_due)).all()


def hold(connection: Connection, consumer: str, topic: str, key: str) -> bool:
    """Lock the key's row for this transaction; False when another transaction holds it or it was deleted."""
    held = select(parked_keys.c.key).where(_lock(consumer, topic, key)).with_for_update(skip_locked=True)
    return connection.execute(held).first() is not None


def first(connection: Connection, consumer: str, topic: str, key: str) -> Row[Any] | None:
    """The first waiting row of a key."""
    queue = and_(*(parked.c[name] == value for name, value in _key(consumer, topic, key)), waits())
    return connection.execute(select(parked).where(queue).order_by(parked.c.id).limit(1)).first()


def message_of(row: Row[Any]) -> Message:
    """The message of a parked row as it arrived: the same bytes, headers and id."""
    return Message(
        topic=row.topic,
        key=row.key or None,
        headers=msgspec.json.decode(row.headers),
        body=row.body,
        partition=row.partition,
        offset=row.offset,
    )


def remove(connection: Connection, row: Row[Any]) -> None:
    """Delete the row of a handled event. The next event of its key starts with all its slow tries."""
    connection.execute(delete(parked).where(parked.c.id == row.id))
    connection.execute(update(parked_keys).where(_lock(row.consumer, row.topic, row.key)).values(tries=0))


def release(connection: Connection, consumer: str, topic: str, key: str) -> None:
    """Delete the key's row, as its queue is empty: events of the key are handled at once again."""
    connection.execute(delete(parked_keys).where(_lock(consumer, topic, key)))


def failed_again(connection: Connection, row: Row[Any], error: str) -> None:
    """Record the error, and set the time of the next slow try; none after the last."""
    key = _lock(row.consumer, row.topic, row.key)
    tries = (connection.execute(select(parked_keys.c.tries).where(key)).scalar() or 0) + 1
    later = clock.now() + SLOW_TRIES[tries] if tries < len(SLOW_TRIES) else None
    connection.execute(update(parked_keys).where(key).values(tries=tries, next_try_at=later))
    connection.execute(update(parked).where(parked.c.id == row.id).values(error=_storable(error, 2000)))


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """All parked rows of this database, oldest first, with the tries and the next try of their key."""
    same = and_(*(parked.c[name] == parked_keys.c[name] for name in ("consumer", "topic", "key")))
    rows = select(parked, parked_keys.c.tries, parked_keys.c.next_try_at).outerjoin(parked_keys, same)
    return connection.execute(rows.where(waits()).order_by(parked.c.id)).all()


def discarded(connection: Connection, consumer: str) -> Sequence[Row[Any]]:
    """Rows that an operator discarded, with the reason."""
    is_discarded = (parked.c.consumer == consumer) & parked.c.discarded_at.is_not(None)
    return connection.execute(select(parked).where(is_discarded).order_by(parked.c.id)).all()


def get(connection: Connection, id: int) -> Row[Any]:
    """One parked row. Raises NotFound(not_parked)."""
    row = connection.execute(select(parked).where((parked.c.id == id) & waits())).first()
    if row is None:
        raise NotFound("not_parked", f"nothing is parked under {id}")
    return row


def retry(connection: Connection, id: int) -> None:
    """Make the queue of this row's key due now, with all its slow tries. Raises NotFound(not_parked)."""
    row = get(connection, id)
    again = update(parked_keys).where(_lock(row.consumer, row.topic, row.key))
    connection.execute(again.values(tries=0, next_try_at=clock.now()))


def discard(connection: Connection, id: int, by: str, reason: str) -> None:
    """Discard one event for good: it counts as handled, and its row stays, with the operator and the reason.

    Raises NotFound(not_parked).
    """
    row, now = get(connection, id), clock.now()
    is_parked(connection, row.consumer, message_of(row))  # locks its key: no other process handles it from here on
    get(connection, id)  # raises if another process handled it before we held the lock
    inbox.first_time(connection, row.consumer, row.event_id)
    discarded = {"discarded_at": now, "discarded_by": by, "discard_reason": reason}
    connection.execute(update(parked).where(parked.c.id == id).values(**discarded))
    again = update(parked_keys).where(_lock(row.consumer, row.topic, row.key))
    connection.execute(again.values(tries=0, next_try_at=now))


def was_discarded(connection: Connection, consumer: str, message: Message) -> bool:
    """Whether an operator discarded this event."""
    same = (parked.c.consumer == consumer) & (parked.c.event_id == identity(message))
    return connection.execute(select(parked.c.id).where(same, ~waits())).first() is not None


def depth(connection: Connection) -> int:
    """The number of parked events."""
    return connection.execute(select(func.count()).select_from(parked).where(waits())).scalar_one()


def identity(message: Message) -> UUID:
    """The event's id. Without one, an id made of where the message was read, so that a second copy is recognised."""
    try:
        return message.id
    except Unreadable:
        return uuid5(NAMESPACE_OID, f"{message.topic}/{message.partition}/{message.offset}")


def _key_of(message: Message) -> str:
    return _storable(message.key or "", 200)


def _storable(text: str, limit: int | None = None) -> str:
    """Make any text storable in every database: no NUL, no lone surrogates, at most `limit` characters."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()[:limit]


def _key(consumer: str, topic: str, key: str) -> tuple[tuple[str, str], ...]:
    return (("consumer", consumer), ("topic", topic), ("key", key))


def _which(consumer: str, message: Message) -> dict[str, str]:
    return {"the_consumer": consumer, "the_topic": message.topic, "the_key": _key_of(message)}


def _lock(consumer: str, topic: str, key: str) -> Any:
    return and_(*(parked_keys.c[name] == value for name, value in _key(consumer, topic, key)))


def waits() -> Any:
    """The condition that a row still waits: an operator has not discarded it."""
    return parked.c.discarded_at.is_(None)
