"""The whole shop, its bus carried by hand: on SQLite, and on four PostgreSQL servers where there are any."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.servers import fresh_databases
from tests.shop import Shop


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """All four modules, over the sandbox."""
    on_servers = request.param == "postgresql"
    databases = fresh_databases("catalog", "orders", "payments", "users") if on_servers else nullcontext({})
    with databases as variables:
        whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE=sandbox, **variables)
        yield whole
        whole.close()
