"""Reads the dashboards and the alert rules of the repository."""

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from tests.conftest import ROOT

METRIC = re.compile(r"\b(?:quartet_\w+|up)\b(?=[{\[) ]|$)", re.MULTILINE)
PARTS = re.compile(r"_(?:bucket|count|sum)$")  # of a histogram
BOARDS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
}
RULES: list[Any] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS: dict[str, Any] = {rule["alert"]: rule for rule in RULES if "alert" in rule}


@dataclass(frozen=True)
class Panel:
    """One panel of a dashboard."""

    board: str
    content: Any

    @property
    def title(self) -> str:
        """The title of the panel."""
        return str(self.content["title"])

    @property
    def queries(self) -> list[str]:
        """The queries, with a window that covers a whole test."""
        return [each["expr"].replace("$__rate_interval", "1m") for each in self.content["targets"]]

    def __str__(self) -> str:
        return f"{self.board}: {self.title}"


PANELS = [Panel(board["title"], content) for board in BOARDS.values() for content in board["panels"]]


def metrics_in(query: str) -> set[str]:
    """The names of the metrics in a query."""
    return set(METRIC.findall(re.sub(r'"[^"]*"', '""', query)))
