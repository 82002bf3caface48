"""Statements that PostgreSQL prepares: with the same results, also where a pooler or a migration is in between."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from app.kernel.compiled import execute
from app.kernel.database import Database
from app.kernel.errors import Stale
from app.kernel.prepared import THRESHOLD
from tests.conftest import free_port, until
from tests.servers import fresh_databases, program

goods = Table(
    "goods", MetaData(), Column("sku", String(20), primary_key=True), Column("count", Integer, nullable=False)
)
ADD = insert(goods).values(sku=bindparam("sku"), count=bindparam("count"))
FIND = select(goods.c.sku, goods.c.count).where(goods.c.sku == bindparam("sku"))
MORE = update(goods).where(goods.c.sku == bindparam("which")).values(count=goods.c.count + bindparam("more"))
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'quartet_%'")
SKU = "50% 'off' \\ $1"


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_databases("orders") as urls:
        yield urls["ORDERS_DATABASE_URL"]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    with opened.begin() as connection:
        connection.execute(text("CREATE TABLE goods (sku VARCHAR(20) PRIMARY KEY, count INTEGER NOT NULL)"))
        execute(connection, ADD, {"sku": SKU, "count": 0})
    yield opened
    opened.close()


def prepared(database: Database) -> int:
    """How many statements are prepared on the connection for reads."""
    with database.read() as connection:
        return int(connection.execute(PREPARED).scalar_one())


def found(database: Database) -> int:
    with database.read() as connection:
        return int(execute(connection, FIND, {"sku": SKU}).one().count)


def sells(database: Database) -> None:
    """Count one more, in a transaction that is repeated as the callers of the shop do."""
    for _ in range(20):
        try:
            with database.begin() as connection:
                assert execute(connection, MORE, {"which": SKU, "more": 1}).rowcount == 1
                return
        except Stale:
            continue
    raise AssertionError("it is stale again and again")


def test_a_connection_prepares_what_it_executes_often(database: Database) -> None:
    for _ in range(THRESHOLD - 1):
        assert found(database) == 0
    assert prepared(database) == 0

    assert [found(database) for _ in range(3)] == [0, 0, 0]

    assert prepared(database) == 1


def test_a_refused_change_is_refused_in_the_same_way(database: Database) -> None:
    for _ in range(2 * THRESHOLD):
        with pytest.raises(IntegrityError), database.begin() as connection:
            execute(connection, ADD, {"sku": SKU, "count": 1})


def test_a_change_of_one_statement_is_kept(database: Database) -> None:
    for _ in range(2 * THRESHOLD):
        with database.at_once() as connection:
            assert execute(connection, MORE, {"which": SKU, "more": 1}).rowcount == 1

    assert found(database) == 2 * THRESHOLD


def test_the_url_switches_it_off(database: Database, url: str) -> None:
    plain = Database(f"{url}?prepare_threshold=0")

    assert [found(plain) for _ in range(2 * THRESHOLD)] == [0] * (2 * THRESHOLD)

    assert prepared(plain) == 0
    plain.close()


def test_it_follows_a_table_whose_types_change(database: Database) -> None:
    for _ in range(2 * THRESHOLD):
        found(database)
        sells(database)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE goods ALTER COLUMN sku TYPE VARCHAR(200), ALTER COLUMN count TYPE BIGINT"))

    with pytest.raises(Stale):
        found(database)

    assert [found(database) for _ in range(THRESHOLD + 1)] == [2 * THRESHOLD] * (THRESHOLD + 1)
    sells(database)
    assert prepared(database) == 1, "on a new connection"


@pytest.mark.parametrize("trouble", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_where_it_is_lost_the_caller_repeats_and_nothing_is_prepared_again(
    database: Database, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2 * THRESHOLD):
        found(database)
    with database.read() as connection:
        connection.exec_driver_sql(trouble)

    with pytest.raises(Stale):
        found(database)

    assert [found(database) for _ in range(2 * THRESHOLD)] == [0] * (2 * THRESHOLD)
    assert prepared(database) == 0
    assert "?prepare_threshold=0" in caplog.text


@pytest.fixture
def pooled(url: str) -> Iterator[str]:
    """The URL of a pooler in transaction mode before the database. It does not run as root."""
    where, port = make_url(url), free_port()
    goal = f"host={where.host} port={where.port} dbname={where.database} user={where.username}"
    settings = Path(f"/tmp/quartet-pooler-{port}.ini")
    settings.write_text(
        f"[databases]\npooled = {goal} password={where.password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 3\nignore_startup_parameters = options,extra_float_digits\n",
        encoding="utf-8",
    )
    someone = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
    process = subprocess.Popen([*someone, program("pgbouncer"), str(settings)], stderr=subprocess.DEVNULL)
    address = f"postgresql+psycopg2://anyone:x@127.0.0.1:{port}/pooled"
    try:
        until(lambda: _answers(address), "the pooler answers")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)
        settings.unlink()


def _answers(address: str) -> bool:
    database = Database(address)
    try:
        database.check()
    except Exception:
        return False
    finally:
        database.close()
    return True


def test_behind_a_pooler_in_transaction_mode_each_sale_counts_once(database: Database, pooled: str) -> None:
    behind = Database(pooled)

    def sells_and_finds(_: int) -> None:
        sells(behind)
        for _ in range(20):
            try:
                assert found(behind) > 0
                return
            except Stale:
                continue
        raise AssertionError("it is stale again and again")

    with ThreadPoolExecutor(8) as buyers:
        list(buyers.map(sells_and_finds, range(200)))

    assert found(database) == 200
    behind.close()
