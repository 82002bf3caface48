"""A server is away, hangs, or refuses us: the doctor names it, and what to do, and never prints a password."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.cli.doctor import databases
from app.cli.doctor.databases import SERVER, SPARE, max_connections
from app.config.settings import Settings
from app.factory import create_app
from app.kernel.ids import new_id
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.runtime.migrate import upgrade
from app.web.counts import TIMEOUT
from tests.conftest import free_port
from tests.doctor.steps import DOES_NOT_LISTEN, RESTART, examined, read_by_people
from tests.servers import address, fresh_databases
from tests.shop import Shop

Make = Callable[..., Flask]


@pytest.fixture
def app_with(tmp_path):  # type: ignore[no-untyped-def]
    """An application of these modules that was neither migrated nor started."""
    made: list[Flask] = []

    def make(*modules: Any, **variables: str) -> Flask:
        settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path), "PORT": str(free_port()), **variables})
        made.append(create_app(*modules, settings=settings))
        return made[-1]

    yield make
    for each in made:
        each.extensions["quartet_background"].stop(timeout=5)


def test_a_database_that_is_away(app_with: Make) -> None:
    port = free_port()

    found = examined(app_with(orders, ORDERS_DATABASE_URL=f"postgresql://orders:hunter22@127.0.0.1:{port}/orders"))

    advice = DOES_NOT_LISTEN.format("ORDERS_DATABASE_URL")
    assert found.of("database", "orders") == [("wrong", f"PostgreSQL at 127.0.0.1:{port} does not listen", advice)]
    assert found.of("migrations", "orders") == found.of("outbox", "orders") == []


def test_a_database_that_hangs(app_with: Make, silent: int) -> None:
    found = examined(app_with(orders, ORDERS_DATABASE_URL=f"postgresql://orders:hunter22@127.0.0.1:{silent}/orders"))

    sentence = f"PostgreSQL at 127.0.0.1:{silent} accepts the connection but does not answer"
    assert found.of("database", "orders") == [("wrong", sentence, RESTART)]


def test_a_database_with_another_password(app_with: Make) -> None:
    url = make_url(address("TEST_ORDERS_DATABASE_URL"))

    found = examined(app_with(orders, ORDERS_DATABASE_URL=url.set(password="hunter22").render_as_string(False)))

    sentence = f"PostgreSQL at {url.host}:{url.port} refuses the password of {url.username}"
    advice = "set ORDERS_DATABASE_URL with the right password"
    assert found.of("database", "orders") == [("wrong", sentence, advice)]


def test_a_database_that_is_not_there(app_with: Make) -> None:
    url = make_url(address("TEST_ORDERS_DATABASE_URL"))

    found = examined(app_with(orders, ORDERS_DATABASE_URL=url.set(database="no_such").render_as_string(False)))

    sentence = f"PostgreSQL at {url.host}:{url.port} has no database no_such"
    advice = "create it, or set ORDERS_DATABASE_URL to an existing one"
    assert found.of("database", "orders") == [("wrong", sentence, advice)]


def test_a_role_that_may_do_too_little(app_with: Make, tmp_path: Any) -> None:
    with fresh_databases("orders") as urls:
        url = make_url(urls["ORDERS_DATABASE_URL"])
        prepared = Shop(tmp_path, orders, **urls)
        upgrade(prepared.modules.values())
        role, engine = f"clerk_{new_id().hex}", create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as server:
            server.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter22'"))
            server.execute(text(f"GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"))
        try:
            weak = url.set(username=role, password="hunter22").render_as_string(False)
            found = examined(app_with(orders, ORDERS_DATABASE_URL=weak))
        finally:
            with engine.connect() as server:
                server.execute(text(f"DROP OWNED BY {role}"))
                server.execute(text(f"DROP ROLE {role}"))
            engine.dispose()
            prepared.close()

    [(state, sentence, advice)] = found.of("database", "orders")
    assert state == "wrong"
    assert f"does not grant {role} INSERT on alembic_version, INSERT on audits, INSERT on buyer_tax_ids …" in sentence
    assert advice == f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"


def _workers(count: int) -> dict[str, str]:
    return {"WORKERS": str(count), "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"}


def _may_open(app: Flask) -> int:
    """The number of connections that the doctor warns of."""
    [(state, sentence, advice)] = examined(app).of("database", "orders")
    assert (state, advice) == ("warn", "raise its max_connections, or lower WORKERS or THREADS")
    return int(sentence.rpartition(", but the shop may open ")[2])


def test_a_server_with_too_few_connections_for_the_pools(app_with: Make) -> None:
    url = address("TEST_ORDERS_DATABASE_URL")

    few = _may_open(app_with(orders, ORDERS_DATABASE_URL=url, **_workers(90)))
    more = _may_open(app_with(orders, catalog, ORDERS_DATABASE_URL=url, CATALOG_DATABASE_URL=url, **_workers(90)))

    assert 1080 < few < more / 1.5  # 90 workers, 6 threads in each, 2 connections for each thread


def test_a_server_whose_connections_the_pools_would_use_up(app_with: Make) -> None:
    """Backups, exporters and people need some of them."""
    url = address("TEST_ORDERS_DATABASE_URL")
    engine = create_engine(url)
    with engine.connect() as server:
        maximum = server.execute(SERVER).one().maximum
    engine.dispose()
    app = app_with(orders, **_workers(1))
    settings, modules = (app.extensions[f"quartet_{name}"] for name in ("settings", "modules"))
    needs = {n: max_connections(replace(settings, workers=n), modules["orders"]) for n in range(1, 1000)}
    fits = max(n for n, connections in needs.items() if connections <= maximum)

    needed = _may_open(app_with(orders, ORDERS_DATABASE_URL=url, **_workers(fits)))

    assert maximum - SPARE < needed <= maximum


def test_by_default_a_module_opens_at_most_80_connections(app_with: Make) -> None:
    app = app_with(catalog, orders, payments, users, KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")
    settings, modules = (app.extensions[f"quartet_{name}"] for name in ("settings", "modules"))

    assert max(max_connections(settings, each) for each in modules.values()) <= 80


def test_kafka_away(app_with: Make) -> None:
    port = free_port()

    found = examined(app_with(orders, KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{port}"))

    advice = DOES_NOT_LISTEN.format("KAFKA_BOOTSTRAP_SERVERS")
    assert found.of("kafka") == [("wrong", f"127.0.0.1:{port} does not listen", advice)]
    assert found.exit_code == 1


def test_kafka_hanging(app_with: Make, silent: int) -> None:
    found = examined(app_with(orders, KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{silent}"))

    sentence = f"127.0.0.1:{silent} accepts the connection but does not answer: it hangs, or is not a Kafka broker"
    assert found.of("kafka") == [("wrong", sentence, RESTART)]


def test_redis_away(app_with: Make) -> None:
    port = free_port()

    found = examined(app_with(orders, REDIS_URL=f"redis://:hunter22@127.0.0.1:{port}/0"))

    sentence = f"127.0.0.1:{port} does not listen: each process counts rate limits for itself"
    assert found.of("redis") == [("wrong", sentence, DOES_NOT_LISTEN.format("REDIS_URL"))]


def test_redis_hanging(app_with: Make, silent: int) -> None:
    found = examined(app_with(orders, REDIS_URL=f"redis://127.0.0.1:{silent}/0"))

    hangs = "accepts the connection but does not answer: each process counts rate limits for itself"
    assert found.of("redis") == [("wrong", f"127.0.0.1:{silent} {hangs}", RESTART)]


@pytest.mark.parametrize("slow", [1, 1000], ids=["once", "always"])
def test_redis_that_takes_long_to_answer(app_with: Make, monkeypatch: pytest.MonkeyPatch, slow: int) -> None:
    pings = []

    def ping(client: Redis) -> Any:
        pings.append(client)
        if len(pings) <= slow:
            time.sleep(1.2 * TIMEOUT)
        return client.execute_command("PING")

    monkeypatch.setattr(Redis, "ping", ping)

    state, sentence, advice = examined(app_with(orders, REDIS_URL=address("TEST_REDIS_URL"))).of("redis")[0]

    if slow == 1:
        assert (state, advice) == ("ok", "") and " answers in " in sentence
    else:
        assert (state, advice) == ("wrong", "see what it is doing, or move it closer")
        assert sentence.endswith(" ms to answer; above 250 ms each process counts rate limits for itself")


def test_redis_with_another_password(app_with: Make) -> None:
    where = address("TEST_REDIS_URL").removeprefix("redis://").partition("/")[0]

    found = examined(app_with(orders, REDIS_URL=f"redis://stranger:hunter22@{where}/0"))

    sentence = f"{where} refuses our password: each process counts rate limits for itself"
    assert found.of("redis") == [("wrong", sentence, "set REDIS_URL with the right password")]


def test_elasticsearch_away(app_with: Make) -> None:
    port = free_port()

    found = examined(app_with(catalog, ELASTICSEARCH_URL=f"http://elastic:hunter22@127.0.0.1:{port}"))

    sentence = f"Elasticsearch at 127.0.0.1:{port} cannot be reached; lists come from the database"
    assert found.of("search") == [("wrong", sentence, DOES_NOT_LISTEN.format("ELASTICSEARCH_URL"))]


def test_elasticsearch_hanging(app_with: Make, silent: int) -> None:
    found = examined(app_with(catalog, ELASTICSEARCH_URL=f"http://127.0.0.1:{silent}"))

    hangs = "accepts the connection but does not answer; lists come from the database"
    assert found.of("search") == [("wrong", f"Elasticsearch at 127.0.0.1:{silent} {hangs}", RESTART)]


def test_stripe_away(app_with: Make) -> None:
    port = free_port()

    found = examined(app_with(payments, STRIPE_API_KEY="sk_test_hunter22", STRIPE_API_BASE=f"http://127.0.0.1:{port}"))

    sentence = f"127.0.0.1:{port} cannot be reached: Connection refused"
    assert found.of("stripe") == [("wrong", sentence, "open the network to it, or set STRIPE_API_BASE")]


def test_stripe_hanging(app_with: Make, silent: int) -> None:
    found = examined(app_with(payments, STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=f"http://127.0.0.1:{silent}"))

    sentence = f"127.0.0.1:{silent} accepts the connection but does not answer"
    assert found.of("stripe") == [
        ("wrong", sentence, "check status.stripe.com, and the network and proxies on the way to it")
    ]


@pytest.mark.parametrize("ask", [lambda app: str(examined(app)), lambda app: read_by_people(app)[1]])
def test_no_password_is_printed_whatever_is_wrong(app_with: Make, ask: Callable[[Flask], str]) -> None:
    port = free_port()
    secret = {
        **{f"{name}_DATABASE_URL": f"postgresql://x:hunter22@127.0.0.1:{port}/x" for name in ("CATALOG", "PAYMENTS")},
        "ELASTICSEARCH_URL": f"http://x:hunter22@127.0.0.1:{port}",
        "REDIS_URL": f"redis://x:hunter22@127.0.0.1:{port}/0",
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}",
        "KAFKA_OPTIONS": "sasl.username=x;sasl.password=hunter22;sasl.mechanism=PLAIN",
        "STRIPE_API_KEY": "sk_test_hunter22",
        "STRIPE_WEBHOOK_SECRETS": "whsec_hunter22",
        "STRIPE_API_BASE": f"http://x:hunter22@127.0.0.1:{port}",
        "SIGNING_KEY_SECRET": "hunter22" * 8,
    }

    published = ask(app_with(catalog, payments, **secret))

    assert "wrong" in published and str(port) in published
    assert "hunter22" not in published


def test_a_server_that_is_far_away(app_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    url = address("TEST_ORDERS_DATABASE_URL")
    monkeypatch.setattr(databases, "FAR", 0.0)

    [(state, sentence, advice)] = examined(app_with(orders, ORDERS_DATABASE_URL=url)).of("database", "orders")
    [(several, _, _)] = examined(app_with(orders, ORDERS_DATABASE_URL=url, THREADS="4")).of("database", "orders")

    assert (state, advice) == ("warn", "set THREADS=4")
    assert "for which the only request that runs would wait" in sentence
    assert several == "ok"
