"""The slow tries of parked events: the queue of a key is handled in order, until it is empty or an event fails."""

import logging

from prometheus_client import Counter

from app.bus import parking
from app.bus.consumer import Consumer
from app.kernel import clock
from app.kernel.context import caused_by, request_id, traceparent
from app.kernel.database import Database, count_once_committed, is_away
from app.kernel.errors import Stale

log = logging.getLogger(__name__)

UNPARKED = Counter("quartet_bus_unparked_total", "Parked events that were handled later", ["consumer"])


def drain(consumer: Consumer, database: Database) -> int:
    """Retry every key of this module whose next try is due. Returns the number of events handled."""
    with database.read() as connection:
        keys = parking.due(connection, consumer.name, clock.now())
    return sum(_drain_key(consumer, row.topic, row.key) for row in keys)


def _drain_key(consumer: Consumer, topic: str, key: str) -> int:
    handled = 0
    while _drain_first(consumer, topic, key):
        handled += 1
    return handled


def _drain_first(consumer: Consumer, topic: str, key: str) -> bool:
    """Handle the first event of the queue.

    Returns False when the queue is empty, another process holds the key, or the event failed again.
    """
    row = None
    with caused_by(None, None):
        try:
            with consumer.transaction() as uow:
                if not parking.hold(uow.connection, consumer.name, topic, key):
                    return False
                row = parking.first(uow.connection, consumer.name, topic, key)
                if row is None:
                    parking.release(uow.connection, consumer.name, topic, key)
                    return False
                message = parking.message_of(row)
                request_id.set(message.request_id)
                traceparent.set(message.traceparent)
                with consumer.span(message):
                    consumer.apply(uow, message)
                parking.remove(uow.connection, row)
                count_once_committed(uow.connection, UNPARKED.labels(consumer.name).inc)
                return True
        except Stale:
            return False  # the key is still due: the next round retries it
        except Exception as error:
            if row is None or is_away(error):
                raise
            log.exception("%s failed again to handle the parked event %s of key %s", consumer.name, row.type, key)
            with consumer.transaction() as uow:
                parking.failed_again(uow.connection, row, f"{type(error).__name__}: {error}")
            return False
