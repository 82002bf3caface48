"""Shops to be ill."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.conftest import free_port
from tests.shop import Shop


@pytest.fixture
def shop_with(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """A whole shop on ports that are free, with settings of the test's; migrated, and its bus carried."""
    made: list[Shop] = []

    def make(**variables: str) -> Shop:
        ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
        made.append(Shop(tmp_path, catalog, orders, payments, users, **ports | variables))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def shop(shop_with: Callable[..., Shop]) -> Shop:
    """As it is by default, and at rest."""
    embedded = shop_with()
    embedded.settle()
    return embedded


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of something that takes connections and never answers, as a frozen server does."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]
