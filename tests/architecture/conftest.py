"""The whole shop, for tests of all its routes at once."""

from collections.abc import Iterator

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """All four modules, without Stripe: these tests make no payments."""
    nowhere = "http://127.0.0.1:9"
    whole = Shop(tmp_path_factory.mktemp("whole"), catalog, orders, payments, users, STRIPE_API_BASE=nowhere)
    yield whole
    whole.close()
