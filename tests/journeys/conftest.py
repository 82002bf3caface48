"""The whole shop, its bus carried by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """All four modules, over the sandbox."""
    whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE=sandbox)
    yield whole
    whole.close()
