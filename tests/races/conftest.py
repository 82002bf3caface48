"""The whole shop on PostgreSQL, in this process, shared by all races; each race uses its own rows."""

from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.domain.policies import backlog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.servers import fresh_databases
from tests.shop import Shop
from tests.users.conftest import CHEAP


@pytest.fixture(scope="session")
def racing(tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Shop]:
    """All four modules with the Stripe sandbox. Orders that races leave behind are no backlog."""
    with fresh_databases("catalog", "orders", "payments", "users") as variables, pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "MIN_REFUSED", 1_000_000)
        folder = tmp_path_factory.mktemp("races")
        modules = (catalog, orders, payments, partial(users, passwords=CHEAP))
        shop = Shop(folder, *modules, STRIPE_API_BASE=running_sandbox, **variables, TAX="internal", HOME_COUNTRY="DE")
        yield shop
        shop.close()


@pytest.fixture(autouse=True)
def let_go(racing: Shop) -> Iterator[None]:
    """After each race, its many connections."""
    yield
    racing.let_go()


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    """A new number for each attempt."""
    return count(1)
