"""A receiver of traces may be down, slow or hostile: then spans are lost, and the shop is not affected."""

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.telemetry import tracing
from app.telemetry.install import install
from app.telemetry.receiver import EVERY, QUEUE, Receiver, processor
from app.telemetry.spans import FLUSH_TIMEOUT, Spans
from examples.waterfall import Receiver as Waterfall
from tests.conftest import ROOT, answering, until
from tests.tracing.odd import KINDS, odd


def some_spans() -> list[object]:
    """Three spans, as they are exported."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for name in ("a", "b", "c"):
        provider.get_tracer("test").start_span(name).end()
    return list(exporter.get_finished_spans())


def test_a_good_one_gets_each_span_and_the_rest_at_the_end() -> None:
    with Waterfall() as receiver, answering(receiver):
        tracing.record(lambda: Spans("quartet-test", processor(receiver.url)))

        with tracing.span("outer", "internal", {"n": 1}), tracing.span("inner", "client", {}) as inner:
            inner.failed("why")
        tracing.stop_recording()

    ((first, second),) = receiver.traces.values()
    assert {(each.name, each.service, each.failed) for each in (first, second)} == {
        ("inner", "quartet-test", "why"),
        ("outer", "quartet-test", None),
    }
    outer, inner_ = sorted((first, second), key=lambda each: each.began)
    assert inner_.parent == outer.id


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_one_delays_a_batch_only_briefly_and_is_logged_once(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    spans = some_spans()
    with odd(kind) as strange:
        receiver = Receiver(strange.url)

        results = [receiver.export(spans) for _ in range(3)]  # type: ignore[arg-type]

    receiver.shutdown()
    if kind == "talks for ever":
        assert results == [SpanExportResult.SUCCESS] * 3
        assert strange.sent < 50_000_000
    else:
        assert results == [SpanExportResult.FAILURE] * 3
        assert strange.met <= 4  # the tries of the first batch; then a pause
        warned = [each.message for each in caplog.records if each.name == "app.kernel.breaker"]
        assert len(warned) == 1 and warned[0].startswith("The receiver of traces does not answer: ")


@pytest.mark.parametrize("kind", ["is not there", "is silent"])
def test_spans_do_not_wait_for_the_receiver_and_the_end_hardly_does(kind: str) -> None:
    with odd(kind) as strange:
        tracing.record(lambda: Spans("quartet-test", processor(strange.url)))
        for _ in range(3 * QUEUE):  # it would never end if each waited
            with tracing.span("one of many", "internal", {}):
                pass
        until(lambda: strange.met or kind == "is not there", "it was tried", seconds=EVERY / 1000 + 30)

        began = time.monotonic()
        tracing.stop_recording()
        ended_after = time.monotonic() - began

    assert ended_after < FLUSH_TIMEOUT + 20, "otherwise it waited until all spans were accepted"


OURS = (  # redis imports more of OpenTelemetry if it is installed
    *("app.telemetry.receiver", "app.telemetry.spans", "app.telemetry.statements"),
    *("opentelemetry.sdk.trace", "opentelemetry.exporter"),
)
SCRIPT = """
import sys
if "without" in sys.argv:
    sys.modules["opentelemetry"] = None
import wsgi
assert wsgi.app.test_client().get("/livez").status_code == 200
print(sorted(name for name in sys.modules if name.startswith({OURS})))
"""


@pytest.mark.parametrize("it_is", ["installed", "without"])
def test_off_is_the_default_and_neither_needs_nor_imports_what_records(tmp_path: Path, it_is: str) -> None:
    command = [sys.executable, "-c", SCRIPT.replace("{OURS}", repr(OURS)), it_is]
    environment = {"QUARTET_DATA": str(tmp_path), "LOG_LEVEL": "error"}

    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert (ran.stdout, ran.returncode) == ("[]\n", 0), ran.stderr


def test_without_its_packages_the_shop_does_not_start_and_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    settings = Settings.from_environment({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})

    with pytest.raises(SettingsError, match=r"-r requirements-tracing\.lock"):
        install(settings, "quartet-test")

    assert not tracing.is_on()


def test_its_address_may_hold_a_password_and_is_shown_nowhere() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://me:hunter22@collector"})

    assert "hunter22" not in str(refused.value)


def test_the_librarys_own_words_do_not_fill_the_log() -> None:
    with odd("is not there") as strange:
        running = processor(strange.url)
        running.shutdown()

    assert not logging.getLogger("opentelemetry.sdk").isEnabledFor(logging.ERROR)
