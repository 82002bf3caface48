"""The module users alone. Tests publish events of other modules themselves. Hashing is cheap, to make tests fast."""

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from app.modules.users.infrastructure.passwords import Argon2Passwords
from app.modules.users.module import users
from tests.servers import fresh_databases
from tests.shop import Shop

CHEAP = Argon2Passwords(8, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop that hosts only users, on SQLite."""
    alone = Shop(tmp_path, partial(users, passwords=CHEAP))
    yield alone
    alone.close()


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same shop for all tests of a file that send what is refused: they leave nothing behind."""
    alone = Shop(tmp_path_factory.mktemp("one_shop"), partial(users, passwords=CHEAP))
    yield alone
    alone.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """The same on SQLite and PostgreSQL, for tests of concurrent connections."""
    servers = fresh_databases("users") if request.param == "postgresql" else nullcontext({})
    with servers as variables:
        alone = Shop(tmp_path, partial(users, passwords=CHEAP), **variables)
        yield alone
        alone.close()
