"""Servers die or freeze while customers buy: what must go on goes on, the rest comes back, and all adds up."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.load import PRICE, all_are_paid, backlog, bring_back, buying, repeated
from tests.conftest import until
from tests.journeys.steps import places, stocks
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


@pytest.fixture
def split(one_split: ShopOnServers) -> Iterator[ShopOnServers]:
    """The same processes for each test, and in them a new shop: to start them takes longer than most tests do."""
    yield one_split
    come_back()
    bring_back(one_split)


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


def status_of(customer: Caller, order_id: str) -> str:
    order: Any = customer.get(f"/orders/{order_id}").json
    return str(order["status"])


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
