"""A real Prometheus scrapes a shop during purchases, whole and split: each panel has data, each rule is evaluated."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.conftest import until
from tests.instruments import a_day
from tests.instruments.dashboards import ALERTS, PANELS, RULES, metrics_in
from tests.instruments.prometheus import Prometheus, prometheus
from tests.servers import program
from tests.topologies import ShopOnServers, live_shop

pytestmark = pytest.mark.slow


@dataclass
class Watched:
    """A shop after a day of purchases, and the Prometheus that scraped it."""

    shop: ShopOnServers
    prometheus: Prometheus
    rows: dict[str, int] = field(default_factory=dict)  # by panel: the number of rows when it first had data


@pytest.fixture(scope="module", params=[pytest.param("whole", marks=pytest.mark.thorough), "split"])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Runs two days, because a rate needs an increase."""
    program("prometheus")
    folder, split = tmp_path_factory.mktemp(request.param), request.param == "split"
    with live_shop(folder, split=split, WORKERS="1" if split else "2") as shop, prometheus(folder, shop) as watching:
        a_day.opens(shop)
        a_day.passes(shop, 1)
        until(lambda: watching.rows("quartet_order_paid_seconds_count > 0"), "the first day was scraped", seconds=30)
        a_day.passes(shop, 2)
        a_day.goes_wrong(shop)
        yield Watched(shop, watching)


def test_every_panel_of_every_dashboard_shows_something(watched: Watched) -> None:
    def look() -> bool:
        for panel in PANELS:
            if not watched.rows.get(str(panel)):
                watched.rows[str(panel)] = min(len(watched.prometheus.rows(query)) for query in panel.queries)
        return all(watched.rows.values())

    try:
        until(look, "every panel shows something", seconds=45)
    finally:
        print(*(f"{panel:<60}{rows:>4}" for panel, rows in watched.rows.items()), sep="\n")

    assert len(watched.rows) == len(PANELS)


def test_every_rule_is_run_without_an_error(watched: Watched) -> None:
    rules = until(lambda: all_run(watched.prometheus.rules()), "each rule has been run")

    assert {rule["name"]: rule.get("lastError") for rule in rules} == {
        rule.get("alert", rule.get("record")): None for rule in RULES
    }


def all_run(rules: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rules, once each was evaluated for the first time."""
    return [] if any(rule["health"] == "unknown" for rule in rules) else rules


@pytest.mark.parametrize("alert", ALERTS)
def test_every_metric_of_an_alert_exists(alert: str, watched: Watched) -> None:
    for metric in metrics_in(ALERTS[alert]["expr"]):
        until(lambda: watched.prometheus.rows(f"count({metric})"), f"{metric} was measured", seconds=30)  # noqa: B023 — called here
