"""Each dashboard explains itself, and uses only metrics that the shop has."""

import re
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from app.config.settings import Settings
from app.factory import create_app
from tests.conftest import ROOT
from tests.instruments.dashboards import BOARDS, PANELS, PARTS, RULES, Panel, metrics_in
from tests.topologies import MODULES

UNITS = {"s", "reqps", "percentunit", "bool_yes_no"}  # units of Grafana; any other word is shown as a suffix
INSTRUCTION = re.compile(r"(?:If|, if|; if) [^:.]+: [^:]+")
SOURCES = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"]
every_panel = pytest.mark.parametrize("panel", PANELS, ids=str)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The type of every metric of a shop with all modules."""
    settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path_factory.mktemp("page"))})
    page = create_app(*MODULES.values(), settings=settings).test_client().get("/metrics").text
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE)) | {"up": "gauge"}  # up: Prometheus' own


def test_there_are_six_dashboards() -> None:
    titles = {board["title"] for board in BOARDS.values()}

    assert titles == {"Orders", "Payments", "Request Rates", "Kafka Throughput", "Checkout saga", "Bus health"}
    assert {board["uid"] for board in BOARDS.values()} == {f"quartet-{name}" for name in BOARDS}


@every_panel
def test_a_panel_has_a_title_a_unit_and_a_sentence_of_what_to_do(panel: Panel) -> None:
    unit = panel.content["fieldConfig"]["defaults"]["unit"]

    assert panel.title
    assert unit in UNITS or re.fullmatch(r"suffix:\w[\w/]*", unit)
    assert INSTRUCTION.search(panel.content["description"])
    assert panel.content["description"].endswith(".")


@every_panel
def test_every_page_that_a_panel_refers_to_exists(panel: Panel) -> None:
    for page in re.findall(r"docs/[\w/-]+\.md", panel.content["description"]):
        assert (ROOT / page).exists(), page


@every_panel
def test_a_panel_asks_the_prometheus_that_there_is(panel: Panel) -> None:
    assert panel.content["datasource"] == {"type": "prometheus", "uid": SOURCES[0]["uid"]}
    assert panel.content["targets"]
    for target in panel.content["targets"]:
        assert target["expr"] and target["legendFormat"]


@pytest.mark.parametrize("name", BOARDS)
def test_no_two_panels_overlap(name: str) -> None:
    panels = BOARDS[name]["panels"]

    for here, there in combinations([each["gridPos"] for each in panels], 2):
        beside = here["x"] + here["w"] <= there["x"] or there["x"] + there["w"] <= here["x"]
        above = here["y"] + here["h"] <= there["y"] or there["y"] + there["h"] <= here["y"]
        assert beside or above, (here, there)
    assert all(each["gridPos"]["x"] + each["gridPos"]["w"] <= 24 for each in panels)
    assert len({each["id"] for each in panels}) == len({each["title"] for each in panels}) == len(panels)


def test_every_metric_that_is_asked_for_is_one_that_the_shop_counts(registry: dict[str, str]) -> None:
    asked = {str(panel): metrics_in(query) for panel in PANELS for query in panel.queries}
    asked |= {rule.get("alert", rule.get("record")): metrics_in(rule["expr"]) for rule in RULES}

    unknown = {
        (where, name)
        for where, names in asked.items()
        for name in names
        if name not in registry and registry.get(PARTS.sub("", name)) != "histogram"
    }
    assert not unknown
    assert all(names for where, names in asked.items() if where != "SlowAnswers")  # SlowAnswers uses recorded rates


def test_a_rate_is_taken_of_counters_only(registry: dict[str, str]) -> None:
    queries = [query for panel in PANELS for query in panel.queries] + [rule["expr"] for rule in RULES]

    rated = {name for query in queries for name in re.findall(r"(?:rate|increase)\((\w+)", query)}

    kinds = {registry[name] if name in registry else registry[PARTS.sub("", name)] for name in rated}
    assert kinds == {"counter", "histogram"}


def test_every_metric_is_named_as_prometheus_advises(registry: dict[str, str]) -> None:
    ours = {name: kind for name, kind in registry.items() if name.startswith("quartet_")}

    assert all(name.endswith("_total") for name, kind in ours.items() if kind == "counter")
    assert all(name.endswith("_seconds") for name, kind in ours.items() if kind == "histogram")
    assert not any(name.endswith("_total") for name, kind in ours.items() if kind == "gauge")


def test_the_files_are_for_people_to_edit() -> None:
    for path in Path(ROOT / "deploy/grafana/dashboards").glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert "null" not in text, "leave out what is not set"
        assert len(text.splitlines()) < 400
