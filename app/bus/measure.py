"""What can only be measured by looking: what waits in a module's database, and how long already."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from prometheus_client import Gauge
from sqlalchemy import Connection

from app.bus.status import BusStatus, age, bus_status
from app.bus.transport.base import Transport, Unreachable
from app.kernel import clock
from app.kernel.database import Database

Measure = Callable[[str, Connection], None]
"""Looks at what a module, named first, has in its database, and sets metrics."""

LATEST: Final = "livemostrecent"  # of all processes that measure it

DATABASE_UP = Gauge("quartet_database_up", "Whether the database answers", ["module"], multiprocess_mode=LATEST)
OUTBOX = Gauge("quartet_bus_outbox_events", "Events still to be sent", ["module"], multiprocess_mode=LATEST)
OUTBOX_AGE = Gauge("quartet_bus_outbox_oldest_seconds", "Their oldest's age", ["module"], multiprocess_mode=LATEST)
RELAY = Gauge("quartet_bus_relay_active", "Whether anyone sends them", ["module"], multiprocess_mode=LATEST)
PARKED = Gauge("quartet_bus_parked_events", "Events not handled", ["module"], multiprocess_mode=LATEST)
PARKED_AGE = Gauge("quartet_bus_parked_oldest_seconds", "Their oldest's age", ["module"], multiprocess_mode=LATEST)
LAG = Gauge("quartet_bus_lag_events", "Events to be handled", ["group", "topic"], multiprocess_mode=LATEST)
TRANSPORT_UP = Gauge("quartet_bus_transport_up", "Whether Kafka answers, or none is needed", multiprocess_mode=LATEST)
MEASURED = Gauge("quartet_measured_timestamp_seconds", "Of the last look", ["module"], multiprocess_mode=LATEST)


def measure(name: str, database: Database, *others: Measure) -> None:
    """Look at what a module keeps for the bus, and at what `others` measure. Raises what the database raises, and tells
    of it.
    """
    now = clock.now()
    try:
        with database.read() as connection:
            _set(name, bus_status(connection, now), now)
            for other in others:
                other(name, connection)
    except Exception:
        DATABASE_UP.labels(name).set(0)
        raise
    else:
        DATABASE_UP.labels(name).set(1)
    finally:
        MEASURED.labels(name).set(clock.now().timestamp())


def measure_lag(transport: Transport) -> None:
    """Ask how far the listeners of this process are behind. Raises Unreachable, and tells of it."""
    try:
        for (group, topic), events in transport.lag().items():
            LAG.labels(group, topic).set(events)
    except Unreachable:
        TRANSPORT_UP.set(0)
        raise
    TRANSPORT_UP.set(1)


def _set(name: str, of: BusStatus, now: datetime) -> None:
    OUTBOX.labels(name).set(of.to_send)
    OUTBOX_AGE.labels(name).set(age(of.oldest, now))
    RELAY.labels(name).set(of.led)
    PARKED.labels(name).set(of.parked)
    PARKED_AGE.labels(name).set(age(of.parked_since, now))
