"""Shops with faults for the doctor to find."""

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
    """A whole shop on free ports, with the test's settings; migrated, and with a running bus."""
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
    """A shop with default settings, with nothing left to process."""
    embedded = shop_with()
    embedded.settle()
    return embedded


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener.getsockname()[1]
