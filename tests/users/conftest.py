"""users alone: its neighbours are what the shop hears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.users.module import users
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """users and nothing else."""
    alone = Shop(tmp_path, users)
    yield alone
    alone.close()
