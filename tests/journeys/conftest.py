"""The whole shop on each topology: in this process, where tests deliver the events, and as live processes."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.servers import fresh_databases
from tests.shop import Shop
from tests.topologies import ShopOnServers, live_shop
from tests.users.conftest import CHEAP


@pytest.fixture(scope="session")
def running_whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """One process with all modules, on PostgreSQL, Kafka, Elasticsearch and Redis."""
    with live_shop(tmp_path_factory.mktemp("whole"), split=False) as shop:
        yield shop


@pytest.fixture(scope="session")
def running_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """Each module in processes of its own, behind the gateway, on the same servers."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop


@pytest.fixture
def whole(running_whole: ShopOnServers) -> Iterator[ShopOnServers]:
    """`running_whole`, emptied after each test."""
    yield running_whole
    running_whole.settle()  # otherwise late effects would appear in the next test
    running_whole.forget()


@pytest.fixture
def split(running_split: ShopOnServers) -> Iterator[ShopOnServers]:
    """`running_split`, emptied after each test."""
    yield running_split
    running_split.settle()  # otherwise late effects would appear in the next test
    running_split.forget()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
def carried(request: pytest.FixtureRequest, tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """All four modules in this process, with the Stripe sandbox; events are delivered by `settle`."""
    with _inside(tmp_path, sandbox, on_servers=request.param == "postgresql") as inside:
        yield inside


@pytest.fixture
def embedded(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """As `carried`, on SQLite only: for tests in which the database makes no difference."""
    with _inside(tmp_path, sandbox, on_servers=False) as inside:
        yield inside


TOPOLOGIES = [
    "embedded",
    pytest.param("postgresql", marks=pytest.mark.thorough),
    pytest.param("whole", marks=pytest.mark.thorough),
    "split",
]


@pytest.fixture(params=TOPOLOGIES)
def shop(request: pytest.FixtureRequest, tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """A new shop on each topology."""
    if request.param in {"embedded", "postgresql"}:
        with _inside(tmp_path, sandbox, on_servers=request.param == "postgresql") as inside:
            yield inside
    else:
        yield request.getfixturevalue(request.param)


@contextmanager
def _inside(folder: Path, sandbox: str, *, on_servers: bool) -> Iterator[Shop]:
    with fresh_databases("catalog", "orders", "payments", "users") if on_servers else nullcontext({}) as variables:
        quick_to_sign_in = partial(users, passwords=CHEAP)
        inside = Shop(folder, catalog, orders, payments, quick_to_sign_in, STRIPE_API_BASE=sandbox, **variables)
        yield inside
        inside.close()
