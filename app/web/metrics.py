"""/metrics: what was asked, by route rule and never by path, so that the number of series stays bounded.

prometheus-flask-exporter serves the page; its own per-request metrics cost more than one histogram of ours (24 to
111 µs against 15) and take the method as it comes, so that a hostile client could add series.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_flask_exporter import PrometheusMetrics

from app.config.settings import Settings
from app.telemetry.multiprocess import VARIABLE

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DURATION = Histogram(
    "quartet_http_request_seconds",
    "Time from request to answer, without what a client asked to wait",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
MAX_PAGES, SPAN = 50, 10.0  # pages made anew within so many seconds; who asks more often sees the last one
REFUSALS = Counter("quartet_refusals_total", "Problems answered, by their code", ["route", "code"])


class MetricsPage(PrometheusMetrics):  # type: ignore[misc]
    """The exporter's page, of all processes of this shop. Who asks while it is made shares the next one; and however
    often it is asked for, making it takes little of what the customers' requests need.
    """

    def __init__(self, app: Flask | None = None) -> None:
        self._making = threading.Lock()
        self._begun = deque[float](maxlen=MAX_PAGES)
        self._made: dict[str | None, tuple[float, tuple[str, str]]] = {}  # by kind: begun when, and the page
        super().__init__(app, export_defaults=False, registry=REGISTRY)

    def generate_metrics(self, accept_header: str | None = None, names: list[str] | None = None) -> tuple[str, str]:
        """The page and its content type. It is made whole: names that a client wants are not looked at."""
        asked_at = time.monotonic()
        kind = "application/openmetrics-text" if "openmetrics" in (accept_header or "") else None
        with self._making:
            begun_at, page = self._made.get(kind, (float("-inf"), ("", "")))
            if begun_at < asked_at and not (page[0] and self._is_hammered(asked_at)):
                begun_at = time.monotonic()
                self._begun.append(begun_at)
                encode, content_type = choose_encoder(accept_header if accept_header and kind else "")
                page = encode(registry()).decode(), content_type
                self._made[kind] = begun_at, page
            return page

    def _is_hammered(self, now: float) -> bool:
        return len(self._begun) == MAX_PAGES and now - self._begun[0] < SPAN


class Shared(Collector):
    """What all processes of this shop have counted, in the files of a folder. Who begins to count makes a file and
    only then writes to it, and may be killed between the two: prometheus_client's own collector fails on an empty file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        """All metrics, summed or as their mode says."""
        files = [entry.path for entry in os.scandir(self.folder) if entry.name.endswith(".db") and _has_begun(entry)]
        return MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call,no-any-return]


def install(app: Flask, settings: Settings) -> None:
    """Count every answer, and serve the page."""
    app.after_request(_observe)
    MetricsPage(app)


def registry() -> CollectorRegistry:
    """What there is to tell: of this process, or of all that share a folder with it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return REGISTRY
    shared = CollectorRegistry()
    shared.register(Shared(Path(folder)))
    return shared


def route() -> str:
    """The rule that the request matched; all that matched none are one."""
    return request.url_rule.rule if request.url_rule else "none"


def count_refusal(code: str) -> None:
    """One more problem answered."""
    REFUSALS.labels(route(), code).inc()


def _observe(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    taken = time.perf_counter() - g.get("started", time.perf_counter()) - g.get("waited", 0.0)
    DURATION.labels(method, route(), str(response.status_code)).observe(taken)
    return response


def _has_begun(file: os.DirEntry[str]) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # that of one who died, forgotten since the folder was listed
        return False
