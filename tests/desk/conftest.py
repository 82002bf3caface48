"""The whole shop with its desk, in this process, with orders in several states."""

from collections.abc import Iterator
from functools import partial

import pytest

from app.kernel.money import Money
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.desk.steps import Desk, parks_an_event
from tests.journeys.steps import buys, places, signs_up, stocks
from tests.orders.taxes import collects
from tests.shop import Shop
from tests.users.conftest import CHEAP

MUG = Money(900, "EUR")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Desk]:
    """The same for all tests of a file; each changes only what it has made itself."""
    quick_to_sign_in = partial(users, passwords=CHEAP)
    folder = tmp_path_factory.mktemp("desk")
    shop = Shop(folder, catalog, orders, payments, quick_to_sign_in, STRIPE_API_BASE=running_sandbox, DESK="on")
    stocks(shop, "MUG", MUG, on_hand=500)
    alice = signs_up(shop, "alice@example.com")
    staff = shop.as_staff()
    zone = {"id": "eu", "name": "Europe", "areas": [{"country": "DE"}], "reason": "we ship there"}
    staff.post("/shipping/zones", zone)
    staff.post("/shipping/methods", {"code": "standard", "name": "Standard", "zone_id": "eu", "reason": "a carrier"})
    staff.post("/categories", {"slug": "mugs", "name": "Mugs"})
    collects(shop, DE=190_000)
    coupon = {"id": "mugs", "name": "Mugs", "kind": "percent", "ppm": 250_000, "active": True, "reason": "a season"}
    staff.post("/promotions", {**coupon, "starts_at": "2026-01-01T00:00:00Z"})
    staff.post("/promotions/mugs/coupons", {"codes": ["MUGS26"], "reason": "posters"})
    paid = buys(shop, alice, "MUG", 2, MUG)
    parks_an_event(shop)
    yield Desk(shop, alice, paid, places(shop, alice, "MUG", 1, MUG))
    shop.close()
