"""A whole shop with the Stripe sandbox, whose bus is run by the test."""

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
    """A new shop for each test. Its counters belong to this process, so all tests share them."""
    made = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE=sandbox, LOG_LEVEL="warning")
    yield made
    made.close()
