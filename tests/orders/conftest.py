"""A shop with the orders module only; tests deliver the events of the other modules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.orders.module import orders
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    alone = Shop(tmp_path, orders)
    yield alone
    alone.close()


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same shop for all tests of a file; each test uses its own orders."""
    alone = Shop(tmp_path_factory.mktemp("orders"), orders)
    yield alone
    alone.close()
