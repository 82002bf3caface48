"""Sends spans, from a thread of its own: whatever the receiver does, the shop at most fills a bounded queue."""

import logging
from collections.abc import Sequence
from typing import Any

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from app.kernel.breaker import Breaker

QUEUE, BATCH = 4096, 512  # spans; of what does not fit, the oldest are dropped
EVERY = 1000  # milliseconds between two batches
TIMEOUT = 2.0  # seconds for the receiver to answer
PAUSE = 5.0  # seconds between tries while it does not


class OneAnswer(requests.Session):
    """Looks at the status of an answer and at nothing else: its body may be endless, and a redirect leads anywhere."""

    trouble = "nothing was sent"

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """One request, with the connection closed after it."""
        try:
            answer = super().request(*args, **kwargs | {"stream": True, "allow_redirects": False})
        except requests.RequestException as error:
            self.trouble = type(error).__name__
            raise
        answer.close()
        self.trouble = f"status {answer.status_code}"
        if answer.is_redirect:
            raise requests.TooManyRedirects(self.trouble)
        return answer


class Receiver(SpanExporter):
    """While it is away, slow or strange, spans are dropped, and the log says so once."""

    def __init__(self, url: str) -> None:
        self._session = OneAnswer()
        self._exporter = OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces", timeout=TIMEOUT, session=self._session)
        self._breaker = Breaker("The receiver of traces", PAUSE)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Try, unless it was found away a moment ago."""
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
    """Collects spans and hands them over in batches."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # it repeats itself; the breaker tells it once
    return BatchSpanProcessor(
        Receiver(url), max_queue_size=QUEUE, schedule_delay_millis=EVERY, max_export_batch_size=BATCH
    )
