"""Spans by OpenTelemetry, sent as OTLP over HTTP. What it needs is an extra, and only imported where it is used."""

from importlib.util import find_spec

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.telemetry import tracing


def install(settings: Settings, service: str) -> None:
    """Record, if there is a receiver. Raises SettingsError where what that needs is not installed."""
    if not settings.otlp_endpoint:
        return
    if not _is_there("opentelemetry.sdk.trace") or not _is_there("opentelemetry.exporter.otlp.proto.http"):
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed: "
            "`pip install --require-hashes -r requirements-tracing.lock`, or unset it."
        )
    tracing.record(lambda: _recorder(settings.otlp_endpoint, service))


def _recorder(url: str, service: str) -> tracing.Recorder:
    """In the process that records, when it first has something to record."""
    from app.telemetry.receiver import processor
    from app.telemetry.spans import Spans

    return Spans(service, processor(url))


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even what it lies in
        return False
