"""Shops of former versions, kept as dumps of their databases: restored and upgraded, in files or on servers."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from confluent_kafka import Producer
from sqlalchemy import Connection, DateTime, MetaData, Table, Uuid, insert, select, text
from sqlalchemy.types import Boolean, TypeEngine

from app.bus import tables
from app.config.settings import Settings
from app.runtime.migrate import config_of
from tests.conftest import sandbox_over
from tests.shop import Shop
from tests.topologies import MODULES, WHOLE, Processes, ShopOnServers, servers
from tests.users.conftest import CHEAP

NO_MAXIMUM = {"MAX_PAYMENT_WINDOW_SECONDS": "999999999"}  # the orders of the dumps grow older


@dataclass(frozen=True)
class FormerShop:
    """The databases of a shop as that version wrote them, in a folder of dumps, and the revision of each."""

    dumps: Path
    revisions: Mapping[str, str]

    @property
    def orders(self) -> dict[str, str]:
        """The ids of its orders by what they are."""
        named: dict[str, str] = json.loads((self.dumps / "orders.json").read_text())
        return named

    def sql(self, name: str) -> str:
        return (self.dumps / f"{name}.sql").read_text()

    @contextmanager
    def in_its_files(self, folder: Path, **settings: str) -> Iterator[Shop]:
        """Upgraded in its files, its sandbox with it."""
        for name in (*self.revisions, "sandbox"):
            restored(self.sql(name), folder / f"{name}.sqlite")
        with sandbox_over(folder / "sandbox.sqlite") as address:
            made = [MODULES[name] for name in ("catalog", "orders", "payments")]
            shop = Shop(folder, *made, partial(MODULES["users"], passwords=CHEAP), STRIPE_API_BASE=address, **settings)
            yield shop
            shop.close()

    @contextmanager
    def on_servers(self, folder: Path, **settings: str) -> Iterator[ShopOnServers]:
        """The same rows on PostgreSQL at the revisions of then, and what was published still in Kafka."""
        restored(self.sql("sandbox"), folder / "sandbox.sqlite")
        with servers() as variables:
            read = Settings.from_environment({**variables, "QUARTET_DATA": str(folder)})
            published: list[Any] = []
            for name, revision in self.revisions.items():
                module = MODULES[name](read)
                command.upgrade(config_of(module), revision)
                with closing(sqlite3.connect(":memory:")) as source, module.database.begin() as connection:
                    source.executescript(self.sql(name))
                    copy_rows(source, connection)
                    sent = select(tables.outbox).where(tables.outbox.c.published_at.is_not(None))
                    published += connection.execute(sent.order_by(tables.outbox.c.position)).all()
                module.database.close()
            retained(read, published)
            live = Processes(folder, {**variables, **settings}, WHOLE)
            shop = ShopOnServers(live)
            try:
                live.start()
                yield shop
            finally:
                for name in tuple(live.processes):
                    live.kill(name)
                shop.close()


def restored(dump: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump)


def python_value(value: Any, kind: TypeEngine[Any]) -> Any:
    """A value of SQLite's, as SQLAlchemy takes it for a column of this type."""
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, Uuid):
        return UUID(value)
    return bool(value) if isinstance(kind, Boolean) else value


def copy_rows(source: sqlite3.Connection, target: Connection) -> None:
    """Every row of every table, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(target)
    source.row_factory = sqlite3.Row
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            rows = [dict(row) for row in source.execute(f'SELECT * FROM "{table.name}"')]
            values = [{name: python_value(row[name], table.c[name].type) for name in row} for row in rows]
            if values:
                target.execute(insert(table), values)
            number_on(table, target)


def number_on(table: Table, target: Connection) -> None:
    """Have the next generated number follow the highest."""
    for column in table.primary_key:
        sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        highest = f"(SELECT max({column.name}) FROM {table.name})"
        if target.execute(text(f"SELECT {sequence}")).scalar():
            target.execute(text(f"SELECT setval({sequence}, {highest})"))


def retained(settings: Settings, rows: list[Any]) -> None:
    """Put what was published into Kafka, as it was there."""
    producer = Producer({"bootstrap.servers": settings.kafka_servers})
    for row in rows:
        headers = [(name, value.encode()) for name, value in json.loads(row.headers).items()]
        producer.produce(settings.topic_prefix + row.topic, row.body, row.key, headers=headers)
    assert producer.flush(30) == 0
