"""Servers of a shop are stopped while Prometheus scrapes it: the alert fires, and stops when the server is back."""

import re
from collections.abc import Iterator

import pytest

from tests.conftest import until
from tests.instruments.a_day import PRICE
from tests.instruments.prometheus import Prometheus, prometheus
from tests.journeys.steps import places, stocks
from tests.servers import control, controller, program
from tests.shop import ALICE
from tests.topologies import ShopOnServers, live_shop

pytestmark = pytest.mark.alone
SERVERS = ("kafka", "payments-db", "elasticsearch")


def impatient(rules: str) -> str:
    """The deployed rules with shorter times: ranges and `for` of a few seconds."""
    old = "max by (module) (quartet_bus_outbox_oldest_seconds) > "
    assert f"{old}60\n" in rules
    rules = rules.replace(f"{old}60\n", f"{old}5\n")
    return re.sub(r"\[\d+m\]", "[10s]", re.sub(r"for: \d+[sm]", "for: 2s", rules))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopOnServers]:
    """All modules in one process, with a product."""
    controller()
    with live_shop(tmp_path_factory.mktemp("whole"), split=False) as shop:
        stocks(shop, "MUG", PRICE, on_hand=5)
        yield shop


@pytest.fixture(scope="module")
def watching(shop: ShopOnServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus, after the time at which no alert fires."""
    program("prometheus")
    with prometheus(tmp_path_factory.mktemp("watching"), shop, impatient) as watching:
        until(lambda: watching.rows("quartet_bus_transport_up == 1"), "the shop was measured", seconds=90)
        yield watching


@pytest.fixture(autouse=True)
def servers_come_back(watching: Prometheus) -> Iterator[None]:
    """Restart the servers that a test has left dead."""
    yield
    for name in SERVERS:
        control("up", name)


def test_kafka_is_away_and_back(shop: ShopOnServers, watching: Prometheus) -> None:
    until(lambda: not watching.firing("KafkaAway"), "nothing fires")

    control("kill", "kafka")
    places(shop, shop.as_customer(ALICE), "MUG", 1, PRICE, settle=False)
    until(lambda: watching.firing("KafkaAway"), "KafkaAway fires", seconds=90)
    until(lambda: watching.firing("OutboxOld"), "and that events have waited", seconds=90)
    assert [each["module"] for each in watching.firing("OutboxOld")] == ["orders"]

    control("up", "kafka")
    until(lambda: not watching.firing("KafkaAway") and not watching.firing("OutboxOld"), "both are over", seconds=90)


def test_a_database_is_away_and_back(watching: Prometheus) -> None:
    until(lambda: not watching.firing("DatabaseAway"), "nothing fires")

    control("kill", "payments-db")
    until(lambda: watching.firing("DatabaseAway"), "DatabaseAway fires", seconds=90)
    assert [each["module"] for each in watching.firing("DatabaseAway")] == ["payments"]

    control("up", "payments-db")
    until(lambda: not watching.firing("DatabaseAway"), "it is over", seconds=90)


@pytest.mark.thorough
def test_search_is_degraded_and_well_again(shop: ShopOnServers, watching: Prometheus) -> None:
    def fires_while_people_search() -> bool:
        assert shop.as_guest().get("/products?q=mug").status_code == 200
        return bool(watching.firing("SearchDegraded"))

    until(lambda: not fires_while_people_search(), "nothing fires")

    control("kill", "elasticsearch")
    until(fires_while_people_search, "SearchDegraded fires", seconds=40)

    control("up", "elasticsearch")
    until(lambda: not fires_while_people_search(), "it is over", seconds=90)
