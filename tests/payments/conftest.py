"""payments alone, over the sandbox: its neighbours are what the shop hears."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.payments.module import payments
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """payments and nothing else."""
    alone = Shop(tmp_path, payments, STRIPE_API_BASE=sandbox)
    yield alone
    alone.close()
