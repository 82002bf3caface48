"""Fixtures of the tests in which servers and processes fail."""

import shutil
from collections.abc import Iterator
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
    paid: str = ""  # her orders
    unpaid: str = ""

    def in_new_folder(self, folder: Path) -> LiveShop:
        """A copy of the shop, not started."""
        shutil.copytree(self.data, folder, dirs_exist_ok=True)
        return LiveShop(folder, **LONG)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Five mugs, known to all modules, and a customer."""
    shop = LiveShop(tmp_path_factory.mktemp("stocked"), **LONG)
    shop.start()
    shop.stocks("MUG", PRICE, on_hand=5)
    token = shop.signs_up("alice@example.com")
    shop.settles()
    assert shop.stop() == 0
    return Before(shop.folder, token)


@pytest.fixture(scope="session")
def sold(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Before:
    """The same, with one paid order of the customer, and one unpaid."""
    shop = stocked.in_new_folder(tmp_path_factory.mktemp("sold"))
    shop.start()
    paid = shop.buys(stocked.token, "MUG", PRICE)
    shop.order_is(stocked.token, paid, "paid")
    unpaid = shop.places(stocked.token, "MUG", PRICE)
    shop.order_is(stocked.token, unpaid, "awaiting_payment")
    shop.settles()
    assert shop.stop() == 0
    return Before(shop.folder, stocked.token, paid, unpaid)


@pytest.fixture(scope="module")
def one_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """A shop on servers, each module in its own processes."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop
