"""The id and the trace of the request that caused the current action. Logs and events carry them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


@contextmanager
def caused_by(request: str | None, trace: str | None) -> Iterator[None]:
    """Set the request and the trace for the actions within the block."""
    outer_request, outer_trace = request_id.set(request), traceparent.set(trace)
    try:
        yield
    finally:
        traceparent.reset(outer_trace)
        request_id.reset(outer_request)


def trace_id() -> str | None:
    """The id of the current trace, which all its spans share."""
    trace = traceparent.get()
    return trace[3:35] if trace else None
