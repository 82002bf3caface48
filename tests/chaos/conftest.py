"""Fixtures of the tests in which servers and processes fail."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.kernel.money import Money
from tests.chaos.live import LiveShop
from tests.topologies import ShopOnServers, live_shop

PRICE = Money(900, "EUR")
LONG = {"ACCESS_TOKEN_SECONDS": "3600"}


@dataclass
class Before:
    """A stopped shop as a starting point. Copying its data is quicker than repeating the steps."""

    data: Path
    token: str  # of a customer, for an hour
    staff: str  # another, of staff

    def in_new_folder(self, folder: Path, **variables: str) -> LiveShop:
        """A copy of the shop, not started."""
        shutil.copytree(self.data, folder, dirs_exist_ok=True)
        return LiveShop(folder, **LONG, **variables)

    @contextmanager
    def with_crash_points(self, folder: Path, *points: str, **variables: str) -> Iterator[LiveShop]:
        """A copy, started, whose processes a test may kill at these points."""
        with self.in_new_folder(folder, **variables) as shop:
            shop.with_crash_points(*points)
            shop.start()
            yield shop
            assert shop.stop() == 0


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """A hundred mugs, known to all modules, and a customer."""
    shop = LiveShop(tmp_path_factory.mktemp("stocked"), **LONG)
    shop.start()
    shop.stocks("MUG", PRICE, on_hand=100)
    token = shop.signs_up("alice@example.com")
    shop.settles()
    assert shop.stop() == 0
    return Before(shop.folder, token, shop.staff_token())


@pytest.fixture(scope="module")
def one_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """A shop on servers, each module in its own processes."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop
