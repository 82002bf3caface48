"""Metrics that are measured by polling: what waits in a module's database, and for how long."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from prometheus_client import Gauge
from sqlalchemy import Connection

from app.bus.status import BusStatus, age, bus_status
from app.bus.transport.base import Transport, Unreachable
from app.kernel import clock
from app.kernel.database import Database

Measure = Callable[[str, Connection], None]
"""Sets metrics from the database of a module. Called with the module's name and a connection."""

LATEST: Final = "livemostrecent"  # the value of the process that measured last

DATABASE_UP = Gauge("quartet_database_up", "Whether the database answers", ["module"], multiprocess_mode=LATEST)
OUTBOX = Gauge("quartet_bus_outbox_events", "Events still to be sent", ["module"], multiprocess_mode=LATEST)
OUTBOX_AGE = Gauge("quartet_bus_outbox_oldest_seconds", "Their oldest's age", ["module"], multiprocess_mode=LATEST)
RELAY = Gauge("quartet_bus_relay_active", "Whether a process sends them", ["module"], multiprocess_mode=LATEST)
PARKED = Gauge("quartet_bus_parked_events", "Events parked because they failed", ["module"], multiprocess_mode=LATEST)
PARKED_AGE = Gauge("quartet_bus_parked_oldest_seconds", "Their oldest's age", ["module"], multiprocess_mode=LATEST)
LAG = Gauge("quartet_bus_lag_events", "Events not yet handled", ["group", "topic"], multiprocess_mode=LATEST)
TRANSPORT_UP = Gauge("quartet_bus_transport_up", "Whether Kafka answers, or none is needed", multiprocess_mode=LATEST)
MEASURED = Gauge("quartet_measured_timestamp_seconds", "Of the last measurement", ["module"], multiprocess_mode=LATEST)


def measure(name: str, database: Database, *others: Measure) -> None:
    """Set the metrics of a module's bus tables, then those of `others`. Errors of the database set `DATABASE_UP` to 0,
    and are raised again.
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


RECENT = 10.0  # seconds
_measured: WeakKeyDictionary[Transport, tuple[float, Mapping[tuple[str, str], int]]] = WeakKeyDictionary()


def measure_lag(transport: Transport) -> None:
    """Set the lag of this process's listeners. Raises Unreachable, after setting `TRANSPORT_UP` to 0."""
    try:
        found = transport.lag()
    except Unreachable:
        _measured.pop(transport, None)
        TRANSPORT_UP.set(0)
        raise
    _measured[transport] = time.monotonic(), found
    for (group, topic), events in found.items():
        LAG.labels(group, topic).set(events)
    TRANSPORT_UP.set(1)


def recent_lag(transport: Transport, timeout: float) -> Mapping[tuple[str, str], int]:
    """The lag as it was measured a moment ago, or else now: asking Kafka takes most of a tenth of a second.

    Raises Unreachable.
    """
    at, found = _measured.get(transport, (-RECENT, None))
    if found is None or time.monotonic() - at >= RECENT:
        found = transport.lag(timeout)
        _measured[transport] = time.monotonic(), found
    return found


def _set(name: str, status: BusStatus, now: datetime) -> None:
    OUTBOX.labels(name).set(status.to_send)
    OUTBOX_AGE.labels(name).set(age(status.oldest, now))
    RELAY.labels(name).set(status.led)
    PARKED.labels(name).set(status.parked)
    PARKED_AGE.labels(name).set(age(status.parked_since, now))
