"""What a long history costs: `python -m bench.pruning`, on PostgreSQL.

Fills the outbox and the inbox of a module with ten million events each, half of them past their retention. Prints how
long it takes to publish an event, and to find the unsent ones, before, while the old half is deleted, and afterwards.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median, quantiles

import click
from sqlalchemy import text

from app.bus import outbox, tables
from app.bus.contracts.orders import OrderCancelled
from app.kernel import clock
from app.kernel.database import Database
from app.kernel.ids import new_id
from app.runtime.background import INBOX_RETENTION, OUTBOX_RETENTION, prune
from app.web import tables as web_tables
from bench.relay import BODY, HEADERS
from tests.servers import fresh_databases

AT_ONCE = 500_000  # rows of one INSERT
QUIET = 10.0  # seconds that are measured before and after
EVENT = OrderCancelled(order_id=str(new_id()), customer_id=str(new_id()), reason="bench", version=2)
FILL = """
INSERT INTO outbox (event_id, topic, key, type, headers, body, created_at, published_at)
SELECT gen_random_uuid(), 'orders', 'key-' || (n % 1000), 'orders.order_paid.v1', :headers, :body,
       :start + n * cast(:step AS interval), :start + n * cast(:step AS interval)
FROM generate_series(cast(:low AS bigint), cast(:high AS bigint)) AS n
"""
HANDLED = """
INSERT INTO inbox (consumer, event_id, handled_at)
SELECT 'orders', gen_random_uuid(), :start + n * cast(:step AS interval)
FROM generate_series(cast(:low AS bigint), cast(:high AS bigint)) AS n
"""
STATE = """
SELECT relname, n_live_tup, n_dead_tup, autovacuum_count, pg_size_pretty(pg_total_relation_size(relid))
FROM pg_stat_user_tables WHERE relname IN ('outbox', 'inbox') ORDER BY relname
"""


class Publisher:
    """Publishes one event after the other, and sends what is unsent, until it is stopped. Times are in milliseconds."""

    def __init__(self, database: Database) -> None:
        self.published: list[float] = []
        self.found: list[float] = []
        self._database, self._stopping = database, threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(0.005):
            self.published.append(_timed(self._publish))
            self.found.append(_timed(self._send))

    def _publish(self) -> None:
        with self._database.begin() as connection:
            outbox.publish(connection, EVENT)

    def _send(self) -> None:
        with self._database.begin() as connection:
            rows = outbox.unpublished_after(connection, 0, 100)
            outbox.mark(connection, [position for position, _ in rows], clock.now())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=10_000_000, help="rows of each table (default 10,000,000)")
    args = options.parse_args()
    with fresh_databases("orders") as variables:
        database = Database(variables["ORDERS_DATABASE_URL"])
        try:
            with database.begin() as connection:
                tables.metadata.create_all(connection)
                web_tables.metadata.create_all(connection)
            for statement, retention in ((FILL, OUTBOX_RETENTION), (HANDLED, INBOX_RETENTION)):
                _fill(database, statement, args.rows, 2 * retention)
            print(f"{'milliseconds':<24}{'publish p50':>12}{'p99':>8}{'max':>8}{'unsent p50':>12}{'p99':>8}{'max':>8}")
            with measured(database, "before"):
                time.sleep(QUIET)
            began = time.monotonic()
            with measured(database, "while it is pruned"):
                deleted = prune(database)
            took = time.monotonic() - began
            with measured(database, "after"):
                time.sleep(QUIET)
            rows = sum(deleted.values())
            print(f"\n{rows:,} rows deleted in {took:.0f} s: {rows / took:,.0f}/s")
            with database.read() as connection:
                for name, live, dead, vacuums, size in connection.execute(text(STATE)):
                    print(f"{name}: {live:,} live and {dead:,} dead rows, {vacuums} autovacuums, {size}")
        finally:
            database.close()


def _fill(database: Database, statement: str, rows: int, age: timedelta) -> None:
    start, step = clock.now() - age, age / rows
    more = {"headers": HEADERS, "body": BODY} if statement is FILL else {}
    with click.progressbar(range(0, rows, AT_ONCE), label="writing rows") as progress:
        for low in progress:
            high = min(low + AT_ONCE, rows) - 1
            with database.begin() as connection:
                connection.execute(
                    text(statement),
                    {**more, "start": start, "step": f"{step.total_seconds():.9f} s", "low": low, "high": high},
                )


@contextmanager
def measured(database: Database, name: str) -> Iterator[None]:
    """Print what publishing costs meanwhile."""
    publisher = Publisher(database)
    try:
        yield
    finally:
        publisher.stop()
    print(f"{name:<24}{_summary(publisher.published)}{_summary(publisher.found)}")


def _summary(times: list[float]) -> str:
    return f"{median(times):>12.2f}{quantiles(times, n=100)[98]:>8.2f}{max(times):>8.1f}"


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
