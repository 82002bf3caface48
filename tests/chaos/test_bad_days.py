"""Servers die or freeze while customers buy: what must go on goes on, the rest comes back, and all adds up."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.load import PRICE, adds_up, all_are_paid, backlog, buying, repeated
from tests.conftest import until
from tests.journeys.steps import buys, places, signs_in, signs_up, stocks
from tests.servers import control, controller
from tests.shop import Caller
from tests.topologies import ShopOnServers, live_shop

SERVERS = ("catalog-db", "orders-db", "users-db", "payments-db", "redis", "kafka", "elasticsearch")
pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]


def come_back() -> None:
    """All servers, and as they are."""
    for name in SERVERS:
        control("resume", name)
        control("up", name)


@pytest.fixture(autouse=True)
def servers_come_back() -> Iterator[None]:
    """Whatever a test has left dead or frozen."""
    controller()
    yield
    come_back()


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[ShopOnServers]:
    """All modules in one shop."""
    with live_shop(tmp_path, split=False) as shop:
        yield shop


@pytest.fixture(scope="module")
def one_split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """Each module in processes of its own."""
    with live_shop(tmp_path_factory.mktemp("split"), split=True) as shop:
        yield shop


@pytest.fixture
def split(one_split: ShopOnServers) -> Iterator[ShopOnServers]:
    """The same processes for each test, and in them a new shop: to start them takes longer than most tests do."""
    yield one_split
    come_back()
    for name in one_split.live.missing():
        one_split.live.start(name)
    one_split.forget()


def test_kafka_is_away_for_a_minute(whole: ShopOnServers) -> None:
    stocks(whole, "MUG", PRICE, on_hand=100_000)

    with buying(whole, "MUG") as load:
        load.goes_on(10)
        control("kill", "kafka")
        time.sleep(60)
        control("up", "kafka")
    until(lambda: backlog(whole) == 0, "the backlog is gone", seconds=30)

    assert set(load.answers) == {201}
    all_are_paid(whole, load)


def test_kafka_is_frozen(whole: ShopOnServers) -> None:
    stocks(whole, "MUG", PRICE, on_hand=100_000)

    with buying(whole, "MUG") as load:
        load.goes_on(10)
        control("pause", "kafka")
        time.sleep(30)
        control("resume", "kafka")
    until(lambda: backlog(whole) == 0, "the backlog is gone", seconds=30)

    assert set(load.answers) == {201}
    all_are_paid(whole, load)


def readiness(shop: ShopOnServers, module: str) -> int:
    return shop.as_guest().get(f"/readyz/{module}").status_code


@pytest.mark.parametrize("module", ["catalog", "orders", "users", "payments"])
def test_a_database_dies_and_comes_back(split: ShopOnServers, module: str) -> None:
    database = f"{module}-db"
    stocks(split, "MUG", PRICE, on_hand=100_000)

    with buying(split, "MUG") as load:
        load.goes_on(5)
        control("kill", database)
        until(lambda: readiness(split, module) == 503, f"{module} says that it is not ready")
        others = {readiness(split, each) for each in split.modules if each != module}
        control("up", database)
        until(lambda: readiness(split, module) == 200, f"{module} says that it is ready")
        load.goes_on(5)

    assert others == {200}
    assert set(load.answers) <= {201, 503, 422}, "422: while nobody could verify or price what was asked for"
    all_are_paid(split, load)


@pytest.mark.parametrize("ends", ["kill", "pause"])
def test_redis_is_away(split: ShopOnServers, ends: str) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)

    with buying(split, "MUG") as load:
        load.goes_on(5)
        control(ends, "redis")
        load.goes_on(20)
        control({"kill": "up", "pause": "resume"}[ends], "redis")
        load.goes_on(5)

    assert set(load.answers) == {201}
    all_are_paid(split, load)


@pytest.mark.parametrize("ends", ["kill", "pause", "wipe"])
def test_elasticsearch_is_away(split: ShopOnServers, ends: str) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)

    def found() -> Any:
        return split.as_guest().get("/products?q=mug").json

    until(lambda: found()["items"] and "degraded" not in found(), "the mug is found", seconds=30)
    control(ends, "elasticsearch")
    with buying(split, "MUG") as load:
        load.goes_on(5)
        meanwhile = found()
        control("resume" if ends == "pause" else "up", "elasticsearch")
    until(lambda: found()["items"] and "degraded" not in found(), "the index is back", seconds=90)

    assert (meanwhile["degraded"], [each["slug"] for each in meanwhile["items"]]) == (True, ["mug"])
    assert set(load.answers) == {201}
    all_are_paid(split, load)


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
    "before_work_done": ["catalog", "payments"],
}


@pytest.mark.parametrize("point", POINTS)
def test_modules_are_killed_at_a_point_that_hurts(split: ShopOnServers, point: str) -> None:
    """Each once, and all of them in the same few purchases."""
    stocks(split, "MUG", PRICE, on_hand=100_000)
    markers = {module: split.live.folder / f"{point}-{module}" for module in POINTS[point]}
    split.live.stop(*markers)
    for module, marker in markers.items():
        split.live.start(module, ready=False, CRASH_AT=f"{point}@{marker}")
    for module in markers:
        split.live.is_ready(module)

    until(lambda: _signed_up(split), "alice has signed up", seconds=60)
    with buying(split, "MUG", buyers=1) as load:
        load.goes_on(2)
    all_are_paid(split, load, repeating=True)

    assert [module for module, marker in markers.items() if not marker.exists()] == [], f"nothing died at {point}"


def status_of(customer: Caller, order_id: str) -> str:
    order: Any = customer.get(f"/orders/{order_id}").json
    return str(order["status"])


def _signed_up(shop: ShopOnServers) -> bool:
    try:
        return bool(signs_up(shop, "alice@example.com"))
    except (OSError, KeyError):  # it was killed under her
        return False


def test_two_of_each_module_share_the_work(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    with split.live.second_workers():
        with buying(split, "MUG", pause=0.1) as load:
            load.goes_on(60)
        all_are_paid(split, load)
    assert repeated(split) == 0


def test_a_worker_that_is_frozen_for_a_minute_is_replaced_and_does_nothing_twice(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    with split.live.second_workers(), buying(split, "MUG") as load:
        load.goes_on(5)
        frozen = [split.live.bus_of(module) for module in ("orders", "catalog", "payments")]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        frozen_at = time.monotonic()
        someone = split.as_customer(UUID(int=5))
        order_id = places(split, someone, "MUG", 1, PRICE, settle=False)
        until(lambda: status_of(someone, order_id) == "awaiting_payment", "another relay and listener go on", 15)
        time.sleep(max(0.0, 60 - (time.monotonic() - frozen_at)))
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        load.goes_on(5)

    load.orders[order_id], load.asked = someone, load.asked + 1
    all_are_paid(split, load)


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
