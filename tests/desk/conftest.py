"""The shop with its desk and with orders in several states: in this process, and each module in its own."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.chromium import chromium as chromium
from tests.desk.screens import Screen
from tests.desk.steps import Desk, opened
from tests.journeys.test_the_tour import served
from tests.shop import INVOICING, Shop
from tests.topologies import live_shop
from tests.users.conftest import CHEAP


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, running_sandbox: str) -> Iterator[Desk]:
    """The same for all tests of a file; each changes only what it has made itself."""
    quick_to_sign_in = partial(users, passwords=CHEAP)
    folder = tmp_path_factory.mktemp("desk")
    own = {**INVOICING, "STRIPE_API_BASE": running_sandbox, "DESK": "on"}
    shop = Shop(folder, catalog, orders, payments, quick_to_sign_in, **own)
    yield opened(shop)
    shop.close()


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.shop) as port:
        yield f"http://localhost:{port}"


@pytest.fixture(scope="module")
def split_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Each module by itself, behind the gateway."""
    with live_shop(tmp_path_factory.mktemp("split-desk"), split=True, DESK="on") as shop:
        yield opened(shop)


@pytest.fixture
def screen(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Screen]:
    """The desk in one of the ways of tests/desk/screens.py, on which nothing may go wrong."""
    if request.param == "split":
        desk = request.getfixturevalue("split_desk")
        address = desk.shop.live.url
    else:
        desk, address = request.getfixturevalue("desk"), request.getfixturevalue("address")
    made = Screen(chromium, desk, address, has_script=request.param != "without script")
    yield made
    made.context.close()
    assert made.watch.complaints() == []
