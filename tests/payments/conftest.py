"""The payments module alone with the sandbox; the events of the other modules are published by the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.modules.payments.module import payments
from tests.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """A shop that runs the payments module only."""
    alone = Shop(tmp_path, payments, STRIPE_API_BASE=sandbox)
    yield alone
    alone.close()
