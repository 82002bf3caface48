"""The request id and the trace of a request, and its span where spans are recorded.

A valid id or trace of the client is used, otherwise a new one is made. Both are returned, logged and carried in events.
"""

import re
import time

from flask import Flask, Response, current_app, g, request

from app.config.settings import Settings
from app.kernel import trace
from app.kernel.context import request_id, traceparent
from app.kernel.ids import new_id
from app.telemetry import tracing
from app.web.metrics import METHODS, route

HARMLESS = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
PROBES = frozenset({"/livez", "/readyz", "/metrics"})  # requested every few seconds, so they are not traced


def install(app: Flask, settings: Settings) -> None:
    """Give every request its id and its trace before anything else handles it."""
    app.before_request(_begin)
    app.after_request(_answer)
    app.teardown_request(_end)


def _begin() -> None:
    environ = request.environ  # a lookup in request.headers costs three times as much
    given = environ.get("HTTP_X_REQUEST_ID", "")
    g.started = time.perf_counter()
    records = tracing.is_on() and route() not in PROBES
    step_before = trace.read(environ.get("HTTP_TRACEPARENT")) or (None if records else trace.begun())
    outer_request = request_id.set(given if HARMLESS.match(given) else str(new_id()))
    outer_trace = traceparent.set(step_before)
    g.known = outer_request, outer_trace, _span() if records else None


def _span() -> tracing.Step:
    """A span named by the route rule. It has no path, query or address, since these may identify the customer."""
    method = request.method if request.method in METHODS else "_OTHER"
    module = current_app.extensions["quartet_module_of"].get(request.blueprint)
    about = {"http.request.method": method, "http.route": route(), "quartet.request_id": request_id.get() or ""}
    about |= {"quartet.module": module.name} if module else {}
    return tracing.span(f"{method} {route()}", "server", about)


def _answer(response: Response) -> Response:
    response.headers.add("X-Request-Id", request_id.get())  # add() suffices: nothing else sets this header
    response.headers.add("traceparent", traceparent.get())
    if tracing.is_on() and (span := g.known[2]):
        span.set_attribute("http.response.status_code", response.status_code)
        if response.status_code >= 500:
            span.failed(str(response.status_code))
    return response


def _end(_error: BaseException | None) -> None:
    if known := g.pop("known", None):
        outer_request, outer_trace, span = known
        if span:
            span.end()
        traceparent.reset(outer_trace)
        request_id.reset(outer_request)
