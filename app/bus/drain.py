"""The slow tries of parked events: a key's queue is handled in order, until it is empty or fails again."""

import logging

from prometheus_client import Counter

from app.bus import parking
from app.bus.consumer import Consumer
from app.kernel import clock
from app.kernel.context import caused_by, request_id, traceparent
from app.kernel.database import Database, count_once_committed, is_away
from app.kernel.errors import Stale

log = logging.getLogger(__name__)

UNPARKED = Counter("quartet_bus_unparked_total", "Parked events that were handled after all", ["consumer"])


def drain(consumer: Consumer, database: Database) -> int:
    """Try every key of this module that is due; returns how many events were handled."""
    with database.read() as connection:
        keys = parking.due(connection, consumer.name, clock.now())
    return sum(_drain_key(consumer, row.topic, row.key) for row in keys)


def _drain_key(consumer: Consumer, topic: str, key: str) -> int:
    handled = 0
    while _drain_first(consumer, topic, key):
        handled += 1
    return handled


def _drain_first(consumer: Consumer, topic: str, key: str) -> bool:
    """Handle the head of the queue; False when the queue is empty, held by another, or failed again."""
    row = None
    with caused_by(None, None):
        try:
            with consumer.transaction() as work:
                if not parking.hold(work.connection, consumer.name, topic, key):
                    return False
                row = parking.first(work.connection, consumer.name, topic, key)
                if row is None:
                    parking.release(work.connection, consumer.name, topic, key)
                    return False
                message = parking.message_of(row)
                request_id.set(message.request_id)
                traceparent.set(message.traceparent)
                with consumer.span(message):
                    consumer.apply(work, message)
                parking.remove(work.connection, row)
                count_once_committed(work.connection, UNPARKED.labels(consumer.name).inc)
                return True
        except Stale:
            return False  # still due: the next round tries it
        except Exception as error:
            if row is None or is_away(error):
                raise
            log.exception("%s failed again on parked %s of %s", consumer.name, row.type, key)
            with consumer.transaction() as work:
                parking.failed_again(work.connection, row, f"{type(error).__name__}: {error}")
            return False
