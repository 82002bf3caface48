"""/metrics: what was asked, by route rule and never by path, so that the number of series stays bounded.

prometheus-flask-exporter serves the page; its own per-request metrics cost more than one histogram of ours (24 to
111 µs against 15) and take the method as it comes, so that a hostile client could add series.
"""

import threading
import time
from collections import deque

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_flask_exporter import PrometheusMetrics

from app.config import Settings

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DURATION = Histogram(
    "quartet_http_request_seconds",
    "Time from request to answer, without what a client asked to wait",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
MOST_PAGES, SPAN = 50, 10.0  # pages made anew within so many seconds; who asks more often sees the last one
REFUSALS = Counter("quartet_refusals_total", "Problems answered, by their code", ["route", "code"])


class Page(PrometheusMetrics):  # type: ignore[misc]
    """The exporter's page, of all processes of this shop. Who asks while it is made shares the next one; and however
    often it is asked for, making it takes little of what the customers' requests need.
    """

    def __init__(self, app: Flask | None = None) -> None:
        self._making = threading.Lock()
        self._begun = deque[float](maxlen=MOST_PAGES)
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
                page = super().generate_metrics(accept_header if kind else None)
                self._made[kind] = begun_at, page
            return page

    def _is_hammered(self, now: float) -> bool:
        return len(self._begun) == MOST_PAGES and now - self._begun[0] < SPAN


def install(app: Flask, settings: Settings) -> None:
    """Count every answer, and serve the page."""
    app.after_request(_observe)
    Page(app)


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
