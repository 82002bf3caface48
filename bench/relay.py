"""How fast the relay empties an outbox on PostgreSQL: into Kafka, and into nothing, for the cost of the rows."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka.admin import AdminClient
from sqlalchemy import text

from app.bus import tables
from app.bus.event import Message
from app.bus.relay import Relay
from app.bus.transport import kafka_admin
from app.bus.transport.base import Delivered, History, Offsets, Transport
from app.bus.transport.kafka import Kafka
from app.config.settings import Settings
from app.kernel.database import Database
from app.kernel.ids import new_id

FILL = """
INSERT INTO outbox (event_id, topic, key, type, headers, body, created_at)
SELECT gen_random_uuid(), 'orders', 'key-' || (n % 1000), 'orders.order_paid.v1', :headers, :body, :now
FROM generate_series(1, :rows) AS n
"""
HEADERS = (
    '{"ce_specversion":"1.0","ce_id":"01a20d02-8961-757a-a059-97a01e45ea32","ce_type":"orders.order_paid.v1",'
    '"ce_source":"/quartet/orders","ce_time":"2026-01-01T00:00:00+00:00","content-type":"application/json"}'
)
BODY = b'{"order_id":"01a20d02-8961-757a-a059-97a01e45ea32","customer_id":"01a20d02-8961-757a-a059","version":5}'


class Nowhere:
    """A null transport, which reports every message as delivered at once."""

    gather = 0.0
    listeners = ()

    def send(self, messages: Sequence[tuple[int, Message]], delivered: Delivered) -> None:
        for position, _ in messages:
            delivered(position, None)

    def can_deliver(self) -> bool:
        return True

    def lag(self, seconds: float = 0) -> Mapping[tuple[str, str], int]:
        return {}

    def trouble(self) -> str | None:
        return None

    def history(self, listener: str, since: datetime, until: datetime, offsets: Offsets) -> History:
        yield from ()

    def close(self) -> None: ...


def rows_per_second(database: Database, transport: Transport, batch: int, rows: int) -> float:
    """Fill the outbox, and measure the time until the relay has marked every row."""
    with database.begin() as connection:
        connection.execute(text("TRUNCATE outbox, leases"))
        connection.execute(text(FILL), {"headers": HEADERS, "body": BODY, "now": datetime.now(UTC), "rows": rows})
    relay = Relay(database, transport, batch=batch)
    count = text("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    start = time.perf_counter()
    while True:
        if not relay.run_once():
            with database.read() as connection:
                if connection.execute(count).scalar() == 0:
                    return rows / (time.perf_counter() - start)
            relay.wake.wait(0.2)
            relay.wake.clear()


def rows_per_second_of(tree: Path, database_url: str, kafka: str, batch: int, rows: int) -> float:
    """The same into Kafka by the relay of a checkout, in a process of its own that is connected already."""
    script = (
        "import sys; from bench.relay import relaying, rows_per_second\n"
        "with relaying(*sys.argv[1:3]) as carried:\n"
        "    rows_per_second(*carried, 100, 100)\n"
        "    print(rows_per_second(*carried, *map(int, sys.argv[3:])))"
    )
    command = [sys.executable, "-c", script, database_url, kafka, str(batch), str(rows)]
    return float(subprocess.run(command, cwd=tree, check=True, stdout=subprocess.PIPE, text=True).stdout)


@contextmanager
def relaying(database_url: str, kafka: str) -> Iterator[tuple[Database, Kafka]]:
    """A separate outbox, and Kafka with a topic of its own, which is deleted afterwards."""
    database = Database(database_url)
    settings = Settings.from_environment(
        {"KAFKA_BOOTSTRAP_SERVERS": kafka, "KAFKA_TOPIC_PREFIX": f"bench-{new_id().hex}."}
    )
    with database.begin() as connection:
        tables.metadata.create_all(connection)
    kafka_admin.make_topics(settings, ["orders"])
    transport = Kafka([], settings)
    try:
        yield database, transport
    finally:
        transport.close()
        database.close()
        admin = AdminClient({"bootstrap.servers": kafka})
        for done in admin.delete_topics([f"{settings.topic_prefix}orders"]).values():
            done.result()
