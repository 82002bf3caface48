"""The processes of a module die at crash points while customers buy: the others continue, and nothing is lost."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.bus import tables
from app.jobs import tables as jobs
from tests.chaos.load import PRICE, adds_up, all_are_paid, bring_back, buying
from tests.conftest import BROKEN_OFF, until
from tests.journeys.steps import buys, signs_in, signs_up, stocks
from tests.topologies import MODULES, ShopOnServers, live_shop

pytestmark = pytest.mark.slow
POINTS = {
    "before_commit": ["catalog", "orders", "payments", "users"],
    "after_commit": ["catalog", "orders", "payments", "users"],
    "before_publish": ["catalog", "orders", "payments", "users"],
    "after_effect": ["catalog", "orders", "payments", "users"],
    "before_offset": ["catalog", "orders", "payments", "users"],
    "before_mark": ["catalog", "orders", "payments", "users"],
    "before_create": ["payments"],
    "after_create": ["payments"],
    "before_confirm": ["payments"],
    "after_confirm": ["payments"],
    "before_capture": ["payments"],
    "after_capture": ["payments"],
    "before_job_done": ["catalog", "payments"],
}
BETWEEN_PROCESSES = {"before_publish", "before_offset"}  # before an event is sent, before its offset is committed


@pytest.fixture(scope="module")
def one_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """A shop on servers, each module in its own processes, which die at a point once its marker is removed."""
    by_module = {name: [point for point, modules in POINTS.items() if name in modules] for name in MODULES}
    with live_shop(tmp_path_factory.mktemp("split"), split=True, crash_points=by_module) as shop:
        yield shop


@pytest.fixture
def split(one_split: ShopOnServers) -> Iterator[ShopOnServers]:
    """The same processes for each test, emptied in between: starting them takes longer than most tests."""
    yield one_split
    bring_back(one_split)


@pytest.mark.parametrize("module", ["catalog", "orders", "users", "payments"])
def test_a_modules_processes_die_and_are_started_again(split: ShopOnServers, module: str) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)

    with buying(split, "MUG") as load:
        load.goes_on(5)
        split.live.kill(module)
        away = split.as_guest().get({"catalog": "/products", "users": "/users/me"}.get(module, f"/{module}"))
        others = split.as_guest().get("/cart" if module != "orders" else "/products")
        time.sleep(3)
        split.live.start(module)
        load.goes_on(5)

    refused: Any = away.json
    assert (away.status_code, refused["code"]) == (503, "module_unavailable")
    assert others.status_code == 200
    assert set(load.answers) <= ({201, 503} if module == "orders" else {201})
    all_are_paid(split, load)


@pytest.mark.parametrize(
    "point",
    [each if each in BETWEEN_PROCESSES else pytest.param(each, marks=pytest.mark.thorough) for each in POINTS],
)
def test_modules_are_killed_at_a_point_that_hurts(split: ShopOnServers, point: str) -> None:
    """Each module is killed once, all during the same few purchases; their leases are released soon after.

    tests/chaos/test_kills.py tries the same points in one process, and shows that a lease expires by itself.
    """
    stocks(split, "MUG", PRICE, on_hand=100_000)
    markers = {module: split.live.marker(module, point) for module in POINTS[point]}
    for marker in markers.values():
        marker.unlink()

    with leases_end_early(split, markers):
        until(lambda: _signed_up(split), "alice has signed up", seconds=60)
        with buying(split, "MUG", buyers=1) as load:
            load.goes_on(2)
        all_are_paid(split, load, repeating=True)

    survived = [module for module, marker in markers.items() if not marker.exists()]
    for module in survived:
        markers[module].touch()  # it does not die during the next test
    assert not survived, f"nothing died at {point}"


@contextmanager
def leases_end_early(shop: ShopOnServers, markers: Mapping[str, Path]) -> Iterator[None]:
    """Release the leases in the database of a module once it has died, as its marker file shows."""
    over = threading.Event()

    def look() -> None:
        waiting = dict(markers)
        while waiting and not over.wait(0.2):
            for module in [each for each, marker in waiting.items() if marker.exists()]:
                del waiting[module]
                with shop.modules[module].database.begin() as connection:
                    connection.execute(delete(tables.leases))
                    connection.execute(update(jobs.jobs).values(lease_until=None))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _signed_up(shop: ShopOnServers) -> bool:
    try:
        return bool(signs_up(shop, "alice@example.com"))
    except (*BROKEN_OFF, KeyError):  # it was killed during the request
        return False


def test_orders_starts_with_an_empty_database_and_emptied_topics(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    signs_up(split, "alice@example.com")
    split.settle()
    split.live.stop("orders")
    split.empties_topics()
    split.forget("orders", keys=True)
    split.live.start("orders", ready=False)

    for module in ("users", "catalog"):
        split.live.runs(module, module, "announce")
    split.live.is_ready("orders")
    split.settle()
    alice = signs_in(split, "alice@example.com")
    buys(split, alice, "MUG", 1, PRICE)

    adds_up(split)
