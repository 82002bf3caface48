"""catalog alone: its neighbours are what the shop hears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from tests.catalog.steps import assortment
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """catalog and nothing else."""
    alone = Shop(tmp_path, catalog)
    yield alone
    alone.close()


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """catalog with a small assortment, for tests that only look."""
    alone = Shop(tmp_path_factory.mktemp("open_shop"), catalog)
    assortment(alone)
    yield alone
    alone.close()
