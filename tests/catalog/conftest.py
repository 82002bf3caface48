"""catalog alone: its neighbours are what the shop hears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """catalog and nothing else."""
    alone = Shop(tmp_path, catalog)
    yield alone
    alone.close()
