"""Servers that a shop can do without for a while: /readyz reports them, and the shop stays ready."""

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.bus.event import Message
from app.factory import create_app
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import free_port, newest_migration, until
from tests.shop import Shop

Make = Callable[..., Shop]


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]


def readiness(shop: Shop) -> tuple[int, str, Any]:
    """The HTTP status, the overall status, and the detail of each failing check."""
    answer: Any = shop.as_guest().get("/readyz")
    failing = {name: each["detail"] for name, each in answer.json["checks"].items() if each["status"] == "failing"}
    return answer.status_code, answer.json["status"], failing


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Shop]:
    """A shop of all modules, so that it has a transport."""
    made = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE="http://127.0.0.1:9")
    made.settle()
    yield made
    made.close()


def test_a_shop_at_rest_is_ready(whole: Shop) -> None:
    assert readiness(whole) == (200, "ready", {})


def test_events_that_nobody_sends(whole: Shop) -> None:
    with whole.modules["users"].database.begin() as connection:
        connection.execute(text("UPDATE outbox SET published_at = NULL"))
        connection.execute(text("DELETE FROM leases"))

    assert readiness(whole) == (200, "degraded", {"users: events": "no relay sends its events, and 1 wait"})


def test_an_event_that_is_parked(whole: Shop) -> None:
    listener = next(each for each in whole.background.consumers if each.name == "orders")
    listener.handle(Message(topic="catalog", key="MUG", headers={"ce_type": "catalog.offer_changed.v1"}, body=b"{"))

    status, published, why = readiness(whole)
    assert (status, published) == (200, "degraded")
    assert re.fullmatch(r"1 parked, the first for \d+ s: see `flask bus parked list`", why.pop("orders: events"))
    assert why == {}


def test_a_database_that_a_newer_version_has_migrated_is_served_on(whole: Shop) -> None:
    with whole.modules["orders"].database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))

    reported = f"at 0099, which is newer than this version's {newest_migration('orders')}: deploy the newer version"
    assert readiness(whole) == (200, "degraded", {"orders: migrations": reported})


def test_a_database_that_lacks_a_migration_is_not_served(whole: Shop) -> None:
    with whole.modules["orders"].database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))

    reported = {"orders: database": f"at 0002, not at {newest_migration('orders')}: run `flask db upgrade`"}
    assert readiness(whole) == (503, "not ready", reported)


def test_a_module_alone_without_kafka(shop_with: Make) -> None:
    waits = "no transport: events wait in the outbox until Kafka is configured or all modules run in one process"

    assert readiness(shop_with()) == (200, "degraded", {"bus": waits})


@pytest.mark.slow
@pytest.mark.parametrize("hangs", [False, True], ids=["away", "hanging"])
def test_kafka(shop_with: Make, silent: int, hangs: bool) -> None:
    shop = shop_with(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{silent if hangs else free_port()}")

    reported = "Kafka does not answer: events wait in the outbox"
    assert readiness(shop)[:2] == (200, "degraded")
    # on a busy machine its 1.5 s may exceed the 2 s of a probe; the next probe has the result
    until(lambda: readiness(shop)[2]["bus"] == reported, "the probe says so")


@pytest.mark.parametrize("hangs", [False, True], ids=["away", "hanging"])
def test_redis_though_nobody_has_asked_for_anything_yet(shop_with: Make, silent: int, hangs: bool) -> None:
    shop = shop_with(REDIS_URL=f"redis://127.0.0.1:{silent if hangs else free_port()}/0")

    status, _, failing = readiness(shop)

    assert (status, failing["limits"]) == (200, "Redis does not answer: each process counts rate limits for itself")


@pytest.mark.parametrize("hangs", [False, True], ids=["away", "hanging"])
def test_elasticsearch(shop_with: Make, silent: int, hangs: bool) -> None:
    shop = shop_with(ELASTICSEARCH_URL=f"http://127.0.0.1:{silent if hangs else free_port()}")

    status, _, failing = readiness(shop)

    assert (status, failing["search"]) == (200, "Elasticsearch does not answer: lists come from the database")


@pytest.mark.slow
@pytest.mark.parametrize(("hangs", "reported"), [(False, "cannot be reached: see the log"), (True, "does not answer")])
def test_its_own_database_is_what_a_module_cannot_be_without(
    shop_with: Make, silent: int, hangs: bool, reported: str
) -> None:
    where = f"postgresql+psycopg2://x:x@127.0.0.1:{silent if hangs else free_port()}/x"
    bare = create_app(orders, settings=replace(shop_with().settings, variables={"ORDERS_DATABASE_URL": where}))

    answer: Any = bare.test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["orders: database"] == {"status": "failing", "detail": reported}
    assert bare.test_client().get("/livez").status_code == 200
    bare.extensions["quartet_background"].stop(timeout=5)
