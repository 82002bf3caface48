"""Servers die or freeze while customers buy: what must go on goes on, the rest comes back, and all adds up."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.load import PRICE, all_are_paid, backlog, buying
from tests.conftest import until
from tests.journeys.steps import stocks
from tests.servers import control
from tests.topologies import ShopOnServers, live_shop

pytestmark = [pytest.mark.alone, pytest.mark.timeout(300)]


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[ShopOnServers]:
    """All modules in one shop."""
    with live_shop(tmp_path, split=False) as shop:
        yield shop


@pytest.fixture
def split(tmp_path: Path) -> Iterator[ShopOnServers]:
    """Each module in processes of its own."""
    with live_shop(tmp_path, split=True) as shop:
        yield shop


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
