"""What is known of the request that set things off; it travels into logs and events."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)


@contextmanager
def caused_by(request: str | None, trace: str | None) -> Iterator[None]:
    """What is done meanwhile was set off by this request, and is part of this trace."""
    outer_request, outer_trace = request_id.set(request), traceparent.set(trace)
    try:
        yield
    finally:
        traceparent.reset(outer_trace)
        request_id.reset(outer_request)


def trace_id() -> str | None:
    """What all steps of a trace have in common."""
    trace = traceparent.get()
    return trace[3:35] if trace else None
