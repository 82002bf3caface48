"""The whole shop in this process, for tests that make things go wrong in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """All four modules, without Stripe: these tests make no payments."""
    whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE="http://127.0.0.1:9")
    yield whole
    whole.close()
