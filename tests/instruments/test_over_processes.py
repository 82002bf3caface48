"""One page for two workers and a bus process: each gauge is of those that live, and what was counted is not lost."""

import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from app.shared_metrics import PREFIX
from tests.conftest import until
from tests.instruments.a_day import PRICE
from tests.journeys.steps import places, stocks
from tests.shop import ALICE, BOB
from tests.topologies import ShopOnServers, live_shop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
SAMPLE = re.compile(r"^(quartet_\w+(?:\{.*\})?) (\S+)$", re.MULTILINE)
BUS = "quartet_bus_transport_up"
AWAITING = 'quartet_orders_open{status="awaiting_payment"}'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """One order awaits its payment, and is measured."""
    with live_shop(tmp_path_factory.mktemp("whole"), split=False, WORKERS="2") as shop:
        stocks(shop, "MUG", PRICE, on_hand=5)
        places(shop, shop.as_customer(ALICE), "MUG", 1, PRICE)
        until(lambda: page(shop).get(AWAITING) == page(shop).get(BUS) == 1, "the order and the bus are measured", 30)
        yield shop


def page(shop: ShopOnServers) -> dict[str, float]:
    """Every series that Prometheus gets."""
    with urlopen(f"{shop.live.url}/metrics", timeout=10) as answer:
        samples = SAMPLE.findall(answer.read().decode())
    assert len({name for name, _ in samples}) == len(samples)
    return {name: float(value) for name, value in samples}


def counts(page: dict[str, float]) -> dict[str, float]:
    """What only grows."""
    return {name: value for name, value in page.items() if "_total" in name or "_count" in name}


def most_connections(shop: ShopOnServers) -> float:
    """Of all processes, to the orders database."""
    return page(shop)['quartet_database_connections_most{module="orders"}']


def is_measured(shop: ShopOnServers) -> None:
    """Wait until each module was looked at after this moment."""
    now = time.time()

    def measured() -> bool:
        found = [value for name, value in page(shop).items() if name.startswith("quartet_measured_timestamp_seconds")]
        return len(found) == 4 and min(found) > now

    until(measured, "each module was measured", seconds=40)


def is_forgotten(shop: ShopOnServers, pid: int) -> None:
    """Wait until what a process said of its present is gone."""
    shared = Path(tempfile.gettempdir()) / f"{PREFIX}{shop.live.processes['whole'].pid}"
    assert list(shared.glob("*.db"))
    until(lambda: not list(shared.glob(f"gauge_live*_{pid}.db")), f"process {pid} is forgotten", seconds=30)


def test_no_series_names_a_process(shop: ShopOnServers) -> None:
    found = page(shop)

    assert not any("pid=" in name for name in found)
    assert [found[f'quartet_database_up{{module="{name}"}}'] for name in shop.modules] == [1, 1, 1, 1]
    assert found[BUS] == 1


def test_a_worker_that_is_killed_leaves_what_it_counted_and_nothing_else(shop: ShopOnServers) -> None:
    until(lambda: len(shop.live.workers_of("whole")) == 2, "both work")
    is_measured(shop)
    before, connections = counts(page(shop)), most_connections(shop)
    killed = shop.live.workers_of("whole")[0]

    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in (now := shop.live.workers_of("whole")) and len(now) == 2, "another is there")
    is_forgotten(shop, killed)
    until(lambda: most_connections(shop) == connections, "those of its successor are known", seconds=30)

    after = page(shop)
    assert all(after[name] >= value for name, value in before.items())
    assert after[AWAITING] == 1


def test_a_bus_process_that_is_killed_is_forgotten_and_its_successor_measures(shop: ShopOnServers) -> None:
    is_measured(shop)
    before, connections = counts(page(shop)), most_connections(shop)
    killed = shop.live.bus_of("whole")

    os.kill(killed, signal.SIGKILL)
    places(shop, shop.as_customer(BOB), "MUG", 1, PRICE)
    is_measured(shop)
    is_forgotten(shop, killed)
    until(lambda: most_connections(shop) == connections, "those of its successor are known", seconds=30)

    after = page(shop)
    assert all(after[name] >= value for name, value in before.items())
    assert (after[AWAITING], after[BUS]) == (2, 1)
    assert after['quartet_bus_relay_active{module="orders"}'] == 1
