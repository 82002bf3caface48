"""A shop of 0.1.0 with open orders, and with events unpublished, parked and retained, is upgraded: its orders end well.

Its databases are in shop_0_1_0, as that release wrote them, with the sandbox's; orders.json names the orders.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from confluent_kafka import Producer
from sqlalchemy import Connection, DateTime, MetaData, Table, Uuid, insert, select, text
from sqlalchemy.types import Boolean, TypeEngine

from app.bus import event, tables
from app.config.settings import Settings
from app.jobs.tables import jobs, replays
from app.kernel import clock
from app.modules.orders.infrastructure.tables import order_checks
from app.runtime.migrate import config_of
from tests.conftest import sandbox_over, until
from tests.invariants import assert_invariants
from tests.journeys.steps import pays, signs_in
from tests.ops.steps import BECAUSE, drains
from tests.orders.shipping import code_of, fulfilment_of, moved, packed
from tests.shop import Shop
from tests.topologies import MODULES, WHOLE, Processes, ShopOnServers, servers
from tests.users.conftest import CHEAP

DUMPS = Path(__file__).parent / "shop_0_1_0"
ORDERS: dict[str, str] = json.loads((DUMPS / "orders.json").read_text())
REVISIONS = {"catalog": "0007", "orders": "0009", "payments": "0008", "users": "0006"}
NO_MAXIMUM = {"MAX_PAYMENT_WINDOW_SECONDS": "999999999"}  # the orders of the dumps grow older
FORMER = {
    "orders.order_audited.v1",
    "catalog.stock_audited.v1",
    "payments.payment_audited.v1",
    "payments.payment_failed.v1",
}


def restored(name: str, file: Path) -> None:
    """An SQLite database of that shop."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DUMPS / f"{name}.sql").read_text())


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


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Shop]:
    """Upgraded in its files, its sandbox with it."""
    for name in (*REVISIONS, "sandbox"):
        restored(name, tmp_path / f"{name}.sqlite")
    with sandbox_over(tmp_path / "sandbox.sqlite") as address:
        made = (MODULES["catalog"], MODULES["orders"], MODULES["payments"], partial(MODULES["users"], passwords=CHEAP))
        shop = Shop(tmp_path, *made, STRIPE_API_BASE=address, **NO_MAXIMUM)
        yield shop
        shop.close()


@pytest.fixture
def on_servers(tmp_path: Path) -> Iterator[Shop]:
    """The same rows on PostgreSQL at the revisions of then, and what was published still in Kafka."""
    restored("sandbox", tmp_path / "sandbox.sqlite")
    with servers() as variables:
        settings = Settings.from_environment({**variables, "QUARTET_DATA": str(tmp_path)})
        published: list[Any] = []
        for name, revision in REVISIONS.items():
            module = MODULES[name](settings)
            command.upgrade(config_of(module), revision)
            with closing(sqlite3.connect(":memory:")) as source, module.database.begin() as connection:
                source.executescript((DUMPS / f"{name}.sql").read_text())
                copy_rows(source, connection)
                sent = select(tables.outbox).where(tables.outbox.c.published_at.is_not(None))
                published += connection.execute(sent.order_by(tables.outbox.c.position)).all()
            module.database.close()
        retained(settings, published)
        live = Processes(tmp_path, {**variables, **NO_MAXIMUM}, WHOLE)
        shop = ShopOnServers(live)
        try:
            live.start()
            yield shop
        finally:
            for name in tuple(live.processes):
                live.kill(name)
            shop.close()


@pytest.fixture(params=["embedded", pytest.param("on_servers", marks=pytest.mark.slow)])
def shop(request: pytest.FixtureRequest) -> Shop:
    """On SQLite, and on PostgreSQL with Kafka."""
    found: Shop = request.getfixturevalue(request.param)
    return found


def test_the_fixture_has_what_an_upgrade_may_meet() -> None:
    dumps = "".join((DUMPS / f"{name}.sql").read_text() for name in REVISIONS)

    assert set(re.findall(r"'(\w+\.\w+\.v\d)'", dumps)) >= FORMER == set(event.FORMER)
    assert re.search(r'INSERT INTO "work" ', dumps)
    assert re.search(r'INSERT INTO "replays" ', dumps)
    assert re.search(r'INSERT INTO "parked" ', dumps)


def test_its_orders_end_well(shop: Shop) -> None:
    shop.settle()
    alice, staff = signs_in(shop, "alice@example.com"), shop.as_staff()

    def status(name: str) -> str:
        shop.settle()
        order: Any = alice.get(f"/orders/{ORDERS[name]}").json
        return str(order["status"])

    assert {name: status(name) for name in ORDERS} == {
        "paid": "paid",
        "open": "awaiting_payment",
        "declined": "awaiting_payment",
        "placed": "awaiting_payment",
    }
    timeline: Any = alice.get(f"/orders/{ORDERS['declined']}/timeline").json
    [failed] = [each for each in timeline["items"] if each["what"] == "payment_failed"]
    assert failed["detail"] == {"code": "generic_decline"}

    [parked] = staff.get("/ops/orders/parked").json["items"]  # type: ignore[index]
    assert parked["type"] == "catalog.stock_audited.v1"
    assert staff.post(f"/ops/orders/parked/{parked['id']}/retry", BECAUSE).status_code == 200
    until(lambda: drained(shop), "the parked event is handled")
    for name in ("open", "declined"):
        assert pays(alice, ORDERS[name], "pm_card_visa").status_code == 200
    assert alice.post(f"/orders/{ORDERS['placed']}/cancel").status_code == 200

    assert {name: status(name) for name in ORDERS} == {
        "paid": "paid",
        "open": "paid",
        "declined": "paid",
        "placed": "cancelled",
    }
    for name in ("paid", "open"):  # placed by that release, which has no shipments
        moved(shop, ORDERS[name], packed(shop, ORDERS[name]), "dispatch")
    shop.settle()
    assert {name: fulfilment_of(alice, ORDERS[name]) for name in ORDERS} == {
        "paid": "dispatched",
        "open": "dispatched",
        "declined": "none",
        "placed": "none",
    }
    assert code_of(alice.post(f"/orders/{ORDERS['open']}/cancel")) == (409, "already_dispatched")
    assert_invariants({name: module.database.url for name, module in shop.modules.items()})


def test_what_was_asked_for_is_done(shop: Shop) -> None:
    shop.settle()

    with shop.modules["orders"].database.read() as connection:
        answered = connection.execute(select(order_checks.c.module, order_checks.c.discrepancy)).all()
        ended = connection.execute(select(replays.c.ended_at)).scalars().all()
    assert {tuple(each) for each in answered} >= {("orders", None), ("catalog", None), ("payments", None)}
    assert len(ended) == 1 and ended[0] is not None
    for module in shop.modules.values():
        with module.database.read() as connection:
            assert connection.execute(select(jobs.c.kind).where(jobs.c.due_at <= clock.now())).all() == []
    [audit] = shop.as_staff().get("/ops/orders/audits").json["items"]  # type: ignore[index]
    assert (audit["compared"], audit["discrepancies"]) == (3, 1)


def drained(shop: Shop) -> bool:
    """Whether nothing is parked any more, once the parking worker has run."""
    drains(shop, "orders")
    return shop.parked() == 0
