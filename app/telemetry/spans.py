"""Recorded spans. The current span of a context is the one named by `traceparent`."""

import threading
from types import TracebackType
from typing import Self

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from app.kernel.context import traceparent
from app.kernel.trace import SAMPLED, begun
from app.telemetry.statements import ignore_statements, watch_statements, watched
from app.telemetry.tracing import About, Kind

FLUSH_TIMEOUT = 2.0  # seconds for sending the remaining spans when the process ends
KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
    "internal": SpanKind.INTERNAL,
}


class Recorded:
    """A recorded span, which is the current one until it ends."""

    def __init__(self, tracer: Tracer, name: str, kind: Kind, about: About) -> None:
        self._span = tracer.start_span(name, _before(), KINDS[kind], about)
        context = self._span.get_span_context()
        flags = context.trace_flags & SAMPLED
        here = f"00-{context.trace_id:032x}-{context.span_id:016x}-{flags:02x}" if context.is_valid else begun()
        self._outer = traceparent.set(here)
        self._outer_statements = watched.set((tracer, self._span) if self._span.is_recording() else None)

    def set_attribute(self, name: str, value: str | int) -> None:
        self._span.set_attribute(name, value)

    def failed(self, why: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, why))

    def end(self) -> None:
        """End the span, and restore the one that was current before."""
        watched.reset(self._outer_statements)
        traceparent.reset(self._outer)
        self._span.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.failed(kind.__name__)  # without its message, which may have personal data
        self.end()


class Spans:
    """Records the spans of one process. `service`: its name among all services that send to the receiver."""

    def __init__(self, service: str, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("quartet")
        watch_statements()

    def step(self, name: str, kind: Kind, about: About) -> Recorded:
        return Recorded(self._tracer, name, kind, about)

    def close(self) -> None:
        """Send the remaining spans, for at most FLUSH_TIMEOUT: the process ends even if the receiver is slow."""
        ignore_statements()
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(FLUSH_TIMEOUT)


def _before() -> Context:
    """The context with the current span as the parent of the next one."""
    trace = traceparent.get()
    if trace is None:
        return Context()
    flags = TraceFlags(int(trace[53:], 16))
    parent = SpanContext(int(trace[3:35], 16), int(trace[36:52], 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(parent), Context())
