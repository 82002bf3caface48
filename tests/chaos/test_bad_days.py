"""Servers die or freeze while customers buy: what does not need them continues, and nothing is lost."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.load import PRICE, all_are_paid, backlog, bring_back, buying, repeated
from tests.conftest import until
from tests.journeys.steps import places, stocks
from tests.servers import control, controller
from tests.shop import Caller
from tests.topologies import ShopOnServers

SERVERS = ("catalog-db", "orders-db", "users-db", "payments-db", "redis", "kafka", "elasticsearch")
pytestmark = pytest.mark.alone


def come_back() -> None:
    """Start all servers, with their data."""
    for name in SERVERS:
        control("resume", name)
        control("up", name)


@pytest.fixture(autouse=True)
def servers_come_back() -> Iterator[None]:
    """Restart the servers that a test has left dead or frozen."""
    controller()
    yield
    come_back()


@pytest.fixture
def split(one_split: ShopOnServers) -> Iterator[ShopOnServers]:
    """The same processes for each test, emptied in between: starting them takes longer than most tests."""
    yield one_split
    come_back()
    bring_back(one_split)


def for_long(*values: float) -> Any:
    """A long outage under more load, for the thorough run. The short one exceeds a lease and a Kafka session: 10 s."""
    return pytest.param(*values, marks=pytest.mark.thorough)


@pytest.mark.parametrize(("seconds", "pause"), [(12, 1.0), for_long(60, 0.4)])
@pytest.mark.parametrize(("ends", "returns"), [("kill", "up"), ("pause", "resume")])
def test_kafka_is_away(split: ShopOnServers, ends: str, returns: str, seconds: float, pause: float) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)

    with buying(split, "MUG", pause=pause) as load:
        load.goes_on(5)
        control(ends, "kafka")
        time.sleep(seconds)
        control(returns, "kafka")
    until(lambda: backlog(split) == 0, "the backlog is gone", seconds=90)

    assert set(load.answers) == {201} and load.asked_to_wait == 0
    all_are_paid(split, load)


def readiness(shop: ShopOnServers, module: str) -> int:
    return shop.as_guest().get(f"/readyz/{module}").status_code


def test_each_database_dies_and_comes_back(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    others = set()

    with buying(split, "MUG") as load:
        for module in split.modules:
            load.goes_on(5)
            control("kill", f"{module}-db")
            until(lambda: readiness(split, module) == 503, f"{module} reports that it is not ready")  # noqa: B023
            others |= {readiness(split, each) for each in split.modules if each != module}
            control("up", f"{module}-db")
            until(lambda: readiness(split, module) == 200, f"{module} reports that it is ready")  # noqa: B023
        load.goes_on(5)

    assert others == {200}
    assert set(load.answers) <= {201, 503, 422}, "422: while nobody could verify or price what was asked for"
    all_are_paid(split, load)


def test_redis_is_away(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)

    with buying(split, "MUG") as load:
        for ends, returns in (("kill", "up"), ("pause", "resume")):
            load.goes_on(5)
            control(ends, "redis")
            load.goes_on(10)
            control(returns, "redis")
        load.goes_on(5)

    assert set(load.answers) == {201} and load.asked_to_wait == 0
    all_are_paid(split, load)


@pytest.mark.parametrize("ends", ["pause", "wipe", pytest.param("kill", marks=pytest.mark.thorough)])
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
    assert set(load.answers) == {201} and load.asked_to_wait == 0
    all_are_paid(split, load)


def status_of(customer: Caller, order_id: str) -> str:
    order: Any = customer.get(f"/orders/{order_id}").json
    return str(order["status"])


@pytest.mark.parametrize("orders", [20, for_long(60)])
def test_two_processes_of_each_module_share_the_load(split: ShopOnServers, orders: int) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    with split.live.second_workers():
        with buying(split, "MUG", pause=0.1) as load:
            load.goes_on(orders)
        all_are_paid(split, load)
    # Without a lease both would send all: some eleven events of each order. On a busy machine one can run out, and what
    # was in flight is repeated.
    assert repeated(split) < orders


@pytest.mark.parametrize("seconds", [15, for_long(60)])
def test_a_worker_that_is_frozen_is_replaced_and_does_nothing_twice(split: ShopOnServers, seconds: float) -> None:
    stocks(split, "MUG", PRICE, on_hand=100_000)
    with split.live.second_workers(), buying(split, "MUG") as load:
        load.goes_on(5)
        frozen = [split.live.bus_of(module) for module in ("orders", "catalog", "payments")]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        frozen_at = time.monotonic()
        someone = split.as_customer(UUID(int=5))
        order_id = places(split, someone, "MUG", 1, PRICE, settle=False)
        until(lambda: status_of(someone, order_id) == "awaiting_payment", "another relay and listener go on", 60)
        time.sleep(max(0.0, seconds - (time.monotonic() - frozen_at)))
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        load.goes_on(5)

    load.orders[order_id], load.asked = someone, load.asked + 1
    all_are_paid(split, load)
