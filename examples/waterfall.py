"""Receive traces (OTLP over HTTP), and print each as a waterfall once it is complete. Needs the extra `tracing`.

python examples/waterfall.py --port 4318
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 make run
"""

import argparse
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

QUIET = 3.0  # seconds without a new span, after which a trace is complete; the shop sends once per second
MAX_BYTES = 64_000_000  # bytes of one request
NAME, BAR = 64, 40  # characters


@dataclass(frozen=True, kw_only=True)
class Span:
    """One step of a trace; times in nanoseconds since 1970."""

    trace: str
    id: str
    parent: str
    service: str
    name: str
    began: int
    ended: int
    failed: str | None
    about: Mapping[str, str]

    @property
    def is_statement(self) -> bool:
        """Whether it is an SQL statement."""
        return "db.query.text" in self.about


class Receiver(ThreadingHTTPServer):
    """Stores the received spans, by trace."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.traces: defaultdict[str, list[Span]] = defaultdict(list)
        self.came_at: dict[str, float] = {}
        self._changing = threading.Lock()

    @property
    def url(self) -> str:
        """The value for OTEL_EXPORTER_OTLP_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, spans: Iterable[Span]) -> None:
        """Add spans of one or several traces."""
        with self._changing:
            for span in spans:
                self.traces[span.trace].append(span)
                self.came_at[span.trace] = time.monotonic()

    def finished(self) -> list[list[Span]]:
        """Remove and return the traces that have received no span for QUIET seconds."""
        with self._changing:
            over = [trace for trace, at in self.came_at.items() if time.monotonic() - at > QUIET]
            for trace in over:
                del self.came_at[trace]
            return [self.traces.pop(trace) for trace in over]


class _Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        """Accepts spans at POST /v1/traces."""
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        if len(body) < length:  # the sender died in the middle
            return
        if isinstance(self.server, Receiver):
            self.server.take(spans_of(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Does not log requests: only traces are printed."""


def spans_of(body: bytes) -> Iterator[Span]:
    """Decodes the spans of one request."""
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = {each.key: each.value.string_value for each in resource.resource.attributes}["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                values = {each.key: each.value for each in span.attributes}
                yield Span(
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    service=service,
                    name=span.name,
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    failed=span.status.message if span.status.code == Status.STATUS_CODE_ERROR else None,
                    about={name: value.string_value or str(value.int_value) for name, value in values.items()},
                )


def waterfall(spans: Iterable[Span], *, with_sql: bool = False) -> str:
    """The tree of a trace: service, step, start (ms), duration (ms), and a bar of both."""
    all_ = list(spans)
    shown = sorted((span for span in all_ if with_sql or not span.is_statement), key=lambda span: span.began)
    ids = {span.id for span in shown}
    first, last = min(span.began for span in all_), max(span.ended for span in all_)
    services = {span.service for span in all_}
    below: defaultdict[str, list[Span]] = defaultdict(list)
    for span in shown:
        below[span.parent if span.parent in ids else ""].append(span)

    def lines(parent: str, depth: int) -> Iterator[str]:
        for span in below[parent]:
            step = f"{'  ' * depth}{span.name}{f' !{span.failed}' if span.failed else ''}"
            begin, took = (span.began - first) / 1e6, (span.ended - span.began) / 1e6
            yield f"{span.service:<17} {step:<{NAME}} {begin:>8.1f} {took:>7.1f}  {_bar(span, first, last)}"
            yield from lines(span.id, depth + 1)

    sql = sum(span.is_statement for span in all_)
    head = f"trace {all_[0].trace}: {len(all_)} spans ({sql} of them SQL), {len(services)} services"
    return "\n".join([f"{head}, {(last - first) / 1e6:.0f} ms", *lines("", 0)])


def _bar(span: Span, first: int, last: int) -> str:
    whole = max(1, last - first)
    before = min(BAR - 1, BAR * (span.began - first) // whole)
    return " " * before + "━" * max(1, min(BAR - before, BAR * (span.ended - span.began) // whole))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=4318, help="port to listen on, on loopback (default 4318)")
    options.add_argument("--sql", action="store_true", help="also show SQL statements")
    options.add_argument("--min-spans", type=int, default=1, help="omit traces with fewer spans")
    args = options.parse_args()
    with Receiver(args.port) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        print(f"Send traces here: OTEL_EXPORTER_OTLP_ENDPOINT={receiver.url}", flush=True)
        while True:
            for spans in receiver.finished():
                if len(spans) >= args.min_spans:
                    print(f"\n{waterfall(spans, with_sql=args.sql)}", flush=True)
            time.sleep(0.2)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
