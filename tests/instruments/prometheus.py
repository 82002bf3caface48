"""Prometheus with the deployed configuration, on a free port: it scrapes a shop on this machine, every second."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.conftest import ROOT, answers, free_port, until
from tests.servers import program
from tests.topologies import ShopOnServers

FILES = ROOT / "deploy/prometheus"


class Prometheus:
    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str) -> list[float]:
        """The current values of a query, without NaN."""
        found = self._ask("query", query=query)["result"]
        return [value for row in found if not math.isnan(value := float(row["value"][1]))]

    def rules(self) -> list[Any]:
        """Every rule, with its last evaluation."""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def firing(self, alert: str) -> list[dict[str, str]]:
        """The labels of the firing instances of an alert."""
        found = self._ask("alerts")["alerts"]
        return [each["labels"] for each in found if each["state"] == "firing" and each["labels"]["alertname"] == alert]

    def _ask(self, what: str, **about: str) -> Any:
        with urlopen(f"{self.url}/api/v1/{what}?{urlencode(about)}", timeout=60) as answer:
            return json.load(answer)["data"]


@contextmanager
def prometheus(
    folder: Path, shop: ShopOnServers, rules: Callable[[str], str] = lambda rules: rules
) -> Iterator[Prometheus]:
    """Run Prometheus on this shop. `rules` may change the deployed rules for a test."""
    place, port = folder / "prometheus", free_port()
    shutil.copytree(FILES, place)
    ports = {"whole": shop.live.ports["whole"]} if "whole" in shop.live.ports else shop.live.metrics_ports
    targets = [{"targets": [f"127.0.0.1:{port}"], "labels": {"deployable": name}} for name, port in ports.items()]
    (place / "targets.yml").write_text(json.dumps(targets))  # JSON is YAML
    config = (FILES / "prometheus.yml").read_text()
    assert config.count("_interval: 5s") == 2
    (place / "prometheus.yml").write_text(config.replace("_interval: 5s", "_interval: 1s"))
    (place / "alerts.yml").write_text(rules((FILES / "alerts.yml").read_text()))
    own = [f"--config.file={place}/prometheus.yml", f"--storage.tsdb.path={place}/data"]
    command = [program("prometheus"), *own, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    with (place / "prometheus.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/-/ready"), f"Prometheus is ready; see {place}/prometheus.log", seconds=30)
        yield Prometheus(url)
    finally:
        process.terminate()
        process.wait(timeout=60)
