"""Each alert fires when it should and not otherwise, describes the problem, and has a runbook page."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.instruments.dashboards import ALERTS, BOARDS
from tests.instruments.prometheus import FILES
from tests.servers import program

PAGES = ROOT / "docs/runbook"
CASES: list[Any] = [
    case
    for test in yaml.safe_load((FILES / "alerts.test.yml").read_text())["tests"]
    for case in test["alert_rule_test"]
    if case["eval_time"] != "0s"
]
every_alert = pytest.mark.parametrize("alert", ALERTS)


def promtool(*words: str) -> str:
    """Run promtool, which must exit with 0. Returns its output."""
    ran = subprocess.run([program("promtool"), *words], cwd=FILES, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_prometheus_understands_what_is_deployed() -> None:
    assert f"{len(ALERTS) + 2} rules found" in promtool("check", "rules", "alerts.yml")
    promtool("check", "config", "prometheus.yml")


def test_every_alert_passes_its_cases() -> None:
    assert "SUCCESS" in promtool("test", "rules", "alerts.test.yml")


@every_alert
def test_an_alert_has_a_case_that_fires_and_one_that_does_not(alert: str) -> None:
    fires = {bool(case["exp_alerts"]) for case in CASES if case["alertname"] == alert}

    assert fires == {True, False}


@every_alert
def test_an_alert_has_a_severity_and_a_description(alert: str) -> None:
    rule = ALERTS[alert]

    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert rule["annotations"]["summary"].endswith(".")
    assert re.search(r"\{\{.*\$value.*\}\}", rule["annotations"]["description"])
    assert re.fullmatch(r"\d+[sm]", rule["for"])


def test_a_panel_or_an_alert_that_a_page_quotes_is_called_so() -> None:
    panels = {panel["title"] for board in BOARDS.values() for panel in board["panels"]}
    summaries = [re.split(r"{{.*?}}", alert["annotations"]["summary"]) for alert in ALERTS.values()]
    meant = "|".join([*map(re.escape, panels), *(".+".join(map(re.escape, parts)) for parts in summaries)])
    pages = [*PAGES.glob("*.md"), ROOT / "docs/drills.md"]

    quoted = {
        text.rstrip(".")
        for page in pages
        for text in re.findall(r"(?<!\*)\*([A-Z][^*`]+)\*(?!\*)", page.read_text(encoding="utf-8"))
    }

    assert len(quoted) > 10
    assert {text for text in quoted if not re.fullmatch(meant.replace(r"\.", r"\.?"), text)} == set()


@every_alert
def test_an_alert_has_a_page_of_its_own(alert: str) -> None:
    named = re.sub(r"(?<!^)(?=[A-Z])", "-", alert).lower()
    page = (PAGES / f"{named}.md").read_text(encoding="utf-8")

    assert ALERTS[alert]["annotations"]["runbook"] == f"docs/runbook/{named}.md"
    assert page.startswith(f"# {alert}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "What customers notice",
        "Diagnose",
        "Fix",
        "When to wake someone",
    ]


def test_the_index_lists_every_page_and_there_is_none_without_an_alert() -> None:
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", (PAGES / "README.md").read_text(encoding="utf-8")))

    assert listed == {path.name for path in PAGES.glob("*.md")} - {"README.md"}
    assert len(listed) == len(ALERTS)
