"""Parking: an event that cannot be handled waits here with all later ones of its key, in order; other keys flow.

The row in parked_keys is the lock: who appends and who drains holds it, and draining deletes it last.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, delete, func, select, update

from app.bus import inbox
from app.bus.event import Message, Unreadable
from app.bus.tables import parked, parked_keys
from app.kernel import clock
from app.kernel.database import insert_if_absent
from app.kernel.errors import NotFound

IS_PARKED = (  # built once: it is asked of each event that arrives
    select(parked_keys.c.key)
    .where(
        parked_keys.c.consumer == bindparam("the_consumer"),
        parked_keys.c.topic == bindparam("the_topic"),
        parked_keys.c.key == bindparam("the_key"),
    )
    .with_for_update()
)
SLOW_TRIES = tuple(timedelta(seconds=seconds) for seconds in (10, 20, 30))  # then it waits for a person


def is_parked(connection: Connection, consumer: str, message: Message) -> bool:
    """Whether earlier events of this key wait; holds the key's row, so that no drain ends meanwhile."""
    which = {"the_consumer": consumer, "the_topic": message.topic, "the_key": _key_of(message)}
    return connection.execute(IS_PARKED, which).first() is not None


def park(connection: Connection, consumer: str, message: Message, error: str) -> None:
    """Put it at the end of its key's queue; a second copy of it changes nothing."""
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
    """Keys whose next slow try has come: (topic, key)."""
    ripe = (parked_keys.c.consumer == consumer) & (parked_keys.c.next_try_at <= now)
    return connection.execute(select(parked_keys.c.topic, parked_keys.c.key).where(ripe)).all()


def hold(connection: Connection, consumer: str, topic: str, key: str) -> bool:
    """Hold the key's row for this transaction; False where another holds it or it is gone."""
    held = select(parked_keys.c.key).where(_lock(consumer, topic, key)).with_for_update(skip_locked=True)
    return connection.execute(held).first() is not None


def first(connection: Connection, consumer: str, topic: str, key: str) -> Row[Any] | None:
    """The first that waits under a key."""
    queue = and_(*(parked.c[name] == value for name, value in _key(consumer, topic, key)), waits())
    return connection.execute(select(parked).where(queue).order_by(parked.c.id).limit(1)).first()


def message_of(row: Row[Any]) -> Message:
    """A parked row as it arrived: the same bytes, headers and id."""
    return Message(
        topic=row.topic,
        key=row.key or None,
        headers=msgspec.json.decode(row.headers),
        body=row.body,
        partition=row.partition,
        offset=row.offset,
    )


def remove(connection: Connection, row: Row[Any]) -> None:
    """It has been handled; the next one has all its slow tries before it."""
    connection.execute(delete(parked).where(parked.c.id == row.id))
    connection.execute(update(parked_keys).where(_lock(row.consumer, row.topic, row.key)).values(tries=0))


def release(connection: Connection, consumer: str, topic: str, key: str) -> None:
    """The queue is empty: the key flows again."""
    connection.execute(delete(parked_keys).where(_lock(consumer, topic, key)))


def failed_again(connection: Connection, row: Row[Any], error: str) -> None:
    """Note the error; the next slow try comes later, or none any more."""
    key = _lock(row.consumer, row.topic, row.key)
    tries = (connection.execute(select(parked_keys.c.tries).where(key)).scalar() or 0) + 1
    later = clock.now() + SLOW_TRIES[tries] if tries < len(SLOW_TRIES) else None
    connection.execute(update(parked_keys).where(key).values(tries=tries, next_try_at=later))
    connection.execute(update(parked).where(parked.c.id == row.id).values(error=_storable(error, 2000)))


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Everything parked in this database, oldest first, with its key's next try."""
    same = and_(*(parked.c[name] == parked_keys.c[name] for name in ("consumer", "topic", "key")))
    rows = select(parked, parked_keys.c.tries, parked_keys.c.next_try_at).outerjoin(parked_keys, same)
    return connection.execute(rows.where(waits()).order_by(parked.c.id)).all()


def discarded(connection: Connection, consumer: str) -> Sequence[Row[Any]]:
    """What a person gave up on, with the reason."""
    given_up = (parked.c.consumer == consumer) & parked.c.discarded_at.is_not(None)
    return connection.execute(select(parked).where(given_up).order_by(parked.c.id)).all()


def get(connection: Connection, id: int) -> Row[Any]:
    """One parked row. Raises NotFound."""
    row = connection.execute(select(parked).where((parked.c.id == id) & waits())).first()
    if row is None:
        raise NotFound("not_parked", f"nothing is parked under {id}")
    return row


def retry(connection: Connection, id: int) -> None:
    """Try the queue of this row's key again, now, with all its slow tries before it."""
    row = get(connection, id)
    again = update(parked_keys).where(_lock(row.consumer, row.topic, row.key))
    connection.execute(again.values(tries=0, next_try_at=clock.now()))


def discard(connection: Connection, id: int, by: str, reason: str) -> None:
    """Give up on one event for good: it counts as handled, and the row stays with who and why. Raises NotFound."""
    row, now = get(connection, id), clock.now()
    is_parked(connection, row.consumer, message_of(row))  # holds its key: nobody handles it from here on
    get(connection, id)  # unless somebody has, before we held it
    inbox.first_time(connection, row.consumer, row.event_id)
    given_up = {"discarded_at": now, "discarded_by": by, "discard_reason": reason}
    connection.execute(update(parked).where(parked.c.id == id).values(**given_up))
    again = update(parked_keys).where(_lock(row.consumer, row.topic, row.key))
    connection.execute(again.values(tries=0, next_try_at=now))


def was_discarded(connection: Connection, consumer: str, message: Message) -> bool:
    """Whether a person has given up on this event."""
    same = (parked.c.consumer == consumer) & (parked.c.event_id == identity(message))
    return connection.execute(select(parked.c.id).where(same, ~waits())).first() is not None


def depth(connection: Connection) -> int:
    """How many events are parked."""
    return connection.execute(select(func.count()).select_from(parked).where(waits())).scalar_one()


def identity(message: Message) -> UUID:
    """The event's id; where it has none, one made of where it was read, so that a second copy is known."""
    try:
        return message.id
    except Unreadable:
        return uuid5(NAMESPACE_OID, f"{message.topic}/{message.partition}/{message.offset}")


def _key_of(message: Message) -> str:
    return _storable(message.key or "", 200)


def _storable(text: str, limit: int | None = None) -> str:
    """Text that any database takes, whatever a stranger sent: no NUL, no half characters, not too long."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()[:limit]


def _key(consumer: str, topic: str, key: str) -> tuple[tuple[str, str], ...]:
    return (("consumer", consumer), ("topic", topic), ("key", key))


def _lock(consumer: str, topic: str, key: str) -> Any:
    return and_(*(parked_keys.c[name] == value for name, value in _key(consumer, topic, key)))


def waits() -> Any:
    """The condition that a row waits, and is not one that a person gave up on."""
    return parked.c.discarded_at.is_(None)
