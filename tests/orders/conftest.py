"""orders alone: its neighbours are what the shop hears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.orders.module import orders
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """orders and nothing else."""
    alone = Shop(tmp_path, orders)
    yield alone
    alone.close()


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The same for a whole file, whose tests keep to orders of their own."""
    alone = Shop(tmp_path_factory.mktemp("orders"), orders)
    yield alone
    alone.close()
