"""Sends spans from a separate thread: whatever the receiver does, the shop only fills a bounded queue."""

import logging
from collections.abc import Sequence
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from app.kernel.breaker import Breaker

QUEUE, BATCH = 4096, 512  # spans; when the queue is full, the oldest are dropped
EVERY = 1000  # milliseconds between two batches
TIMEOUT = 2.0  # seconds for the receiver to answer
PAUSE = 5.0  # seconds between tries while it does not answer


class OneAnswer(requests.Session):
    """Reads only the status of a response: its body may be endless, and redirects are not followed."""

    trouble = "nothing was sent"

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Make one request, and close its connection. Raises TooManyRedirects for any redirect."""
        try:
            response = super().request(*args, **kwargs | {"stream": True, "allow_redirects": False})
        except requests.RequestException as error:
            self.trouble = type(error).__name__
            raise
        response.close()
        self.trouble = f"status {response.status_code}"
        if response.is_redirect:
            raise requests.TooManyRedirects(self.trouble)
        return response


class Receiver(SpanExporter):
    """Exports spans. While the receiver is away, slow or sends errors, spans are dropped, with one log message."""

    def __init__(self, url: str) -> None:
        self._session = OneAnswer()
        self._exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=TIMEOUT, session=self._session)
        self._breaker = Breaker("The receiver of traces", PAUSE)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans, unless the last try was less than PAUSE ago and failed."""
        if not self._breaker.allows():
            return SpanExportResult.FAILURE
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._breaker.worked()
        else:
            self._breaker.failed(OSError(self._session.trouble))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


def processor(url: str) -> BatchSpanProcessor:
    """A processor that collects spans and exports them in batches."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it logs every failure; the breaker logs once
    return BatchSpanProcessor(
        Receiver(url), max_queue_size=QUEUE, schedule_delay_millis=EVERY, max_export_batch_size=BATCH
    )
