"""A whole shop whose spans are stored in memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.telemetry import tracing
from app.telemetry.spans import Spans
from tests.shop import Shop

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENT = "00f067aa0ba902b7"
SENT = {"traceparent": f"00-{TRACE}-{CLIENT}-01"}

Recorded = Callable[[], list[ReadableSpan]]


@pytest.fixture
def shop(tmp_path: Path, sandbox: str) -> Iterator[Shop]:
    """All four modules, with the sandbox."""
    whole = Shop(tmp_path, catalog, orders, payments, users, STRIPE_API_BASE=sandbox)
    yield whole
    whole.close()


@pytest.fixture
def recorded() -> Iterator[Recorded]:
    """Turns tracing on; the spans recorded so far."""
    exporter = InMemorySpanExporter()
    tracing.record(lambda: Spans("quartet-whole", SimpleSpanProcessor(exporter)))
    yield lambda: list(exporter.get_finished_spans())
    tracing.stop_recording()


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})
