"""The servers are well, but not their data: tables, events, orders, keys, the index."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from app.bus import tables
from app.bus.event import Message
from app.factory import create_app
from app.jobs import tables as jobs
from app.jobs.enqueue import enqueue
from app.kernel import clock
from app.kernel.money import Money
from app.modules.users.module import users
from tests.catalog.steps import search_of
from tests.conftest import newest_migration
from tests.doctor.steps import examined
from tests.journeys.steps import stocks
from tests.servers import fresh_index
from tests.shop import ALICE, Shop

BUS = "run `flask serve`, or beside another server `flask bus run`"


def change(shop: Shop, module: str, statement: str) -> None:
    with shop.modules[module].database.begin() as connection:
        connection.execute(text(statement))


def test_a_migration_that_is_missing(shop: Shop) -> None:
    change(shop, "orders", "UPDATE alembic_version SET version_num = '0002'")

    found = examined(shop.app)

    output = f"at 0002, not at {newest_migration('orders')}"
    assert found.of("migrations", "orders") == [("wrong", output, "run `flask db upgrade`")]
    assert found.exit_code == 1


def test_a_database_that_a_newer_version_has_migrated(shop: Shop) -> None:
    change(shop, "orders", "UPDATE alembic_version SET version_num = '0099'")

    found = examined(shop.app)

    sentence = "at 0099, which this version does not have: a newer one has migrated the database"
    assert found.of("migrations", "orders") == [("warn", sentence, "deploy the newer version here, too")]
    assert found.exit_code == 0


def test_a_database_file_that_is_broken(shop_with: Callable[..., Shop], tmp_path: Path) -> None:
    shop = shop_with()
    shop.modules["orders"].database.close()
    for file in tmp_path.glob("orders.sqlite*"):
        file.write_bytes(b"This is no database. " * 1000)

    found = examined(shop.app)

    [(state, sentence, advice)] = found.of("database", "orders")
    assert (state, advice) == ("wrong", "restore it from a backup")
    assert sentence == f"{tmp_path}/orders.sqlite is broken: file is not a database"


def test_a_module_that_has_received_no_signing_key(shop: Shop) -> None:
    change(shop, "orders", "DELETE FROM trusted_signing_keys")

    found = examined(shop.app)

    [(state, sentence, advice)] = found.of("signing key", "orders")
    assert (state, sentence) == ("wrong", "has received no signing key: every token is refused")
    assert "flask users announce" in advice


def test_a_signing_key_that_was_encrypted_with_another_secret(shop: Shop) -> None:
    other = create_app(users, settings=replace(shop.settings, variables={"SIGNING_KEY_SECRET": "another" * 8}))

    found = examined(other)

    other.extensions["quartet_background"].stop(timeout=5)

    [(state, sentence, advice)] = found.of("signing", "users")
    assert (state, advice) == ("wrong", "restore the earlier secret, or: flask users keys rotate")
    assert sentence.startswith("SIGNING_KEY_SECRET is not the one that the signing key was encrypted with")


def test_events_that_nobody_sends(shop: Shop) -> None:
    change(shop, "users", "UPDATE outbox SET published_at = NULL")
    change(shop, "users", "DELETE FROM leases")

    found = examined(shop.app)

    [(state, sentence, advice)] = found.of("outbox", "users")
    assert (state, advice) == ("wrong", BUS)
    assert sentence.startswith("1 events wait, the oldest for ") and sentence.endswith(" s, and no relay runs")


def test_events_that_a_running_relay_does_not_send(shop: Shop) -> None:
    hour_ago = clock.now() - timedelta(hours=1)
    with shop.modules["users"].database.begin() as connection:
        connection.execute(update(tables.outbox).values(published_at=None, created_at=hour_ago))

    found = examined(shop.app)

    [(state, sentence, _)] = found.of("outbox", "users")
    assert state == "wrong"
    assert sentence.startswith("1 events wait, the oldest for 36") and sentence.endswith("although a relay runs")


def test_an_event_that_is_parked(shop: Shop) -> None:
    orders = next(each for each in shop.background.consumers if each.name == "orders")
    orders.handle(Message(topic="catalog", key="MUG", headers={"ce_type": "catalog.offer_changed.v1"}, body=b"{"))

    found = examined(shop.app)

    [(state, sentence, advice)] = found.of("parked", "orders")
    assert (state, advice) == ("wrong", "run `flask bus parked list`, then show, retry or discard them")
    assert sentence.startswith("1 events are parked, the first for 0 s")


@pytest.mark.parametrize(
    ("attempts", "late", "expected"),
    [
        (4, 0, ("warn", "1 jobs (calls to third parties) have failed three times or more")),
        (0, 3600, ("wrong", "1 jobs (calls to third parties) wait, the first for 36")),
    ],
)
def test_jobs_that_are_not_done(shop: Shop, attempts: int, late: int, expected: tuple[str, str]) -> None:
    with shop.modules["payments"].database.begin() as connection:
        enqueue(connection, "pursue", str(ALICE), clock.now() - timedelta(seconds=late))
        connection.execute(update(jobs.jobs).values(attempts=attempts))

    found = examined(shop.app)

    [(state, sentence, _)] = found.of("jobs", "payments")
    assert state == expected[0] and sentence.startswith(expected[1])


def test_an_order_that_does_not_move(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))
    assert shop.as_customer(ALICE).orders({"MUG": 1}, Money(900, "EUR")).status_code == 201
    change(shop, "orders", "UPDATE orders SET deadline = '2020-01-01 00:00:00.000000'")

    found = examined(shop.app)

    sentence = "1 orders are stuck past their deadline"
    assert found.of("orders", "orders") == [("wrong", sentence, "flask orders stuck")]


def test_an_index_that_is_lost(shop: Shop) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{shop.settings.data}/search.sqlite{suffix}").unlink(missing_ok=True)

    found = examined(shop.app)

    sentence = "the index is missing or incomplete: searches find nothing"
    assert found.of("search") == [("wrong", sentence, "flask catalog reindex")]


def test_an_index_that_lacks_products(shop: Shop) -> None:
    stocks(shop, "MUG", Money(900, "EUR"), on_hand=5)
    with closing(sqlite3.connect(shop.settings.data / "search.sqlite")) as index, index:
        index.execute("DELETE FROM products")
    index.close()

    found = examined(shop.app)

    advice = "flask catalog verify-index --fix, unless products were just changed"
    assert found.of("search") == [("warn", "the index has 0 products, the database 1", advice)]


def test_an_index_in_elasticsearch_that_is_not_there(shop_with: Callable[..., Shop]) -> None:
    with fresh_index() as variables:
        shop = shop_with(**variables)

        found = examined(shop.app)

        name = variables["ELASTICSEARCH_INDEX"]
        sentence = f"there is no index behind {name}: lists come from the database"
        assert ("wrong", sentence, "flask catalog reindex, or wait: it is being rebuilt") in found.of("search")


def test_an_index_in_elasticsearch_of_another_version(shop_with: Callable[..., Shop]) -> None:
    with fresh_index() as variables:
        shop = shop_with(**variables)
        shop.settle()
        search = search_of(shop)
        client = search._clients.of(10)  # type: ignore[attr-defined]
        client.indices.put_mapping(index=search._name, properties={"colour": {"type": "keyword"}})  # type: ignore[attr-defined]

        found = examined(shop.app)

    assert [each[0] for each in found.of("search")] == ["ok", "wrong", "ok"]
    assert "was made by another version of this shop" in found.of("search")[1][1]
