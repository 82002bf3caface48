"""/metrics: requests are counted by route rule, never by path, so that the number of series stays bounded.

prometheus-flask-exporter serves the page. Its own metrics per request are not used: they cost more than our one
histogram (24 to 111 µs against 15), and they use the method as it is sent, so that a hostile client could add series.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from functools import cache
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
    "Time from request to response, without the time that the client asked to wait",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
MAX_PAGES, SPAN = 50, 10.0  # at most MAX_PAGES pages are made within SPAN seconds; further requests get the last one
REFUSALS = Counter("quartet_refusals_total", "Responses that are a problem, by its code", ["route", "code"])


class MetricsPage(PrometheusMetrics):  # type: ignore[misc]
    """The exporter's page, with the metrics of all processes of this shop.

    Clients that request it while it is being made share the next one. The number of pages made is limited, so that
    frequent requests of it do not slow down the customers' requests.
    """

    def __init__(self, app: Flask | None = None) -> None:
        self._making = threading.Lock()
        self._begun = deque[float](maxlen=MAX_PAGES)
        self._made: dict[str | None, tuple[float, tuple[str, str]]] = {}  # by kind: when it was begun, and the page
        super().__init__(app, export_defaults=False, registry=REGISTRY)

    def generate_metrics(self, accept_header: str | None = None, names: list[str] | None = None) -> tuple[str, str]:
        """The page and its content type. `names` is ignored: the page always has all metrics."""
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
    """The metrics of all processes of this shop, from the files of a folder.

    A process creates its file before it writes to it, and may be killed in between. Empty files are therefore left
    out: prometheus_client's own collector fails on them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        """All metrics, summed or merged according to their mode."""
        files = [entry.path for entry in os.scandir(self.folder) if entry.name.endswith(".db") and _has_begun(entry)]
        return MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call,no-any-return]


def install(app: Flask, settings: Settings) -> None:
    """Measure every response, and serve the page."""
    app.after_request(_observe)
    MetricsPage(app)


def registry() -> CollectorRegistry:
    """The metrics of this process, or of all processes that share a folder with it."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return REGISTRY
    shared = CollectorRegistry()
    shared.register(Shared(Path(folder)))
    return shared


def route() -> str:
    """The rule that the request matched, or "none"."""
    return request.url_rule.rule if request.url_rule else "none"


def count_refusal(code: str) -> None:
    """Count a response that is a problem with this code."""
    REFUSALS.labels(route(), code).inc()


def _observe(response: Response) -> Response:
    method = request.method if request.method in METHODS else "other"
    taken = time.perf_counter() - g.get("started", time.perf_counter()) - g.get("waited", 0.0)
    _duration(method, route(), response.status_code).observe(taken)
    return response


@cache
def _duration(method: str, rule: str, status: int) -> Histogram:
    """The histogram of these labels: to find it costs more than to count in it."""
    return DURATION.labels(method, rule, str(status))


def _has_begun(file: os.DirEntry[str]) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # its process has died, and the file was deleted after the folder was listed
        return False
