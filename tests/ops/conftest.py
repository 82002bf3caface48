"""The whole shop in this process, with things that go wrong in it."""

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
    """All four modules; no Stripe, and nobody pays here."""
    whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE="http://127.0.0.1:9")
    yield whole
    whole.close()
