"""What the tests of bad days share."""

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
    """A shop that has ended, to begin from: its data is copied, which is quicker than to come there again."""

    data: Path
    token: str  # of a customer, for an hour
    paid: str = ""  # her orders
    unpaid: str = ""

    def in_new_folder(self, folder: Path) -> LiveShop:
        """The same shop, not started."""
        shutil.copytree(self.data, folder, dirs_exist_ok=True)
        return LiveShop(folder, **LONG)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Five mugs that all modules have heard of, and a customer."""
    shop = LiveShop(tmp_path_factory.mktemp("stocked"), **LONG)
    shop.start()
    shop.stocks("MUG", PRICE, on_hand=5)
    token = shop.signs_up("alice@example.com")
    shop.settles()
    assert shop.stop() == 0
    return Before(shop.folder, token)


@pytest.fixture(scope="session")
def sold(stocked: Before, tmp_path_factory: pytest.TempPathFactory) -> Before:
    """The same; she has paid for one, and not yet for another."""
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
    """Each module in processes of its own."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop
