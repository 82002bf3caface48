"""Metrics of database connections: each process measures its own pools."""

import threading
from collections.abc import Iterable
from typing import cast

from prometheus_client import Gauge
from sqlalchemy import QueuePool

from app.kernel.database import Database
from app.telemetry.multiprocess import forget_the_dead

EVERY = 5.0  # seconds between two measurements

CONNECTIONS = Gauge(
    "quartet_database_connections", "Connections to databases", ["module", "state"], multiprocess_mode="livesum"
)
MAX_CONNECTIONS = Gauge(
    "quartet_database_connections_max", "Limit of open connections", ["module"], multiprocess_mode="livesum"
)


def watch_pools(databases: Iterable[tuple[str, Database]]) -> None:
    """Measure every few seconds, in a thread, for as long as this process lives."""
    threading.Thread(target=_watch, args=(list(databases),), name="pools", daemon=True).start()


def measure_pools(databases: Iterable[tuple[str, Database]]) -> None:
    """Count the connections in use and idle, of both engines of each module."""
    for name, database in databases:
        pools = [cast(QueuePool, engine.pool) for engine in database.engines]
        CONNECTIONS.labels(name, "in use").set(sum(pool.checkedout() for pool in pools))
        CONNECTIONS.labels(name, "idle").set(sum(pool.checkedin() for pool in pools))
        MAX_CONNECTIONS.labels(name).set(sum(pool.size() + pool._max_overflow for pool in pools))


def _watch(databases: Iterable[tuple[str, Database]]) -> None:
    pause = threading.Event()
    while True:
        measure_pools(databases)
        forget_the_dead()
        pause.wait(EVERY)
