"""A shop of all four modules, to which the tests send unusual requests."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.web.logs import JsonLines, Readable
from tests.shop import Shop

NO_STRIPE = {"STRIPE_API_BASE": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop for all tests of a file, which leave nothing behind that affects another."""
    whole = Shop(tmp_path_factory.mktemp("web"), catalog, orders, payments, users, **NO_STRIPE)
    yield whole
    whole.close()


@pytest.fixture
def shop_with(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """A shop of orders and catalog with the test's own settings."""
    made: list[Shop] = []

    def make(**variables: str) -> Shop:
        made.append(Shop(tmp_path / str(len(made)), catalog, orders, **variables))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def log_lines(shop: Shop) -> Iterator[Callable[[], list[Any]]]:
    """The lines that the shop has logged in this test, parsed."""
    handlers = [each for each in logging.getLogger().handlers if isinstance(each.formatter, JsonLines | Readable)]
    (ours,) = handlers
    assert isinstance(ours, logging.StreamHandler)
    written, formatter = StringIO(), ours.formatter
    stream = ours.setStream(written)
    ours.setFormatter(JsonLines())
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    ours.setStream(stream)
    ours.setFormatter(formatter)
