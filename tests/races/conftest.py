"""The whole shop on PostgreSQL, in this process; the same for all races, each of which has things of its own."""

from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.servers import fresh_databases
from tests.shop import Shop
from tests.users.conftest import CHEAP


@pytest.fixture(scope="session")
def racing(tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Shop]:
    """All four modules over the sandbox."""
    with fresh_databases("catalog", "orders", "payments", "users") as variables:
        folder = tmp_path_factory.mktemp("races")
        modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
        shop = Shop(folder, *modules, STRIPE_API_BASE=running_sandbox, **variables)
        yield shop
        shop.close()


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """Another one for each try."""
    return count(1)
