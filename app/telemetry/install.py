"""Installs tracing by OpenTelemetry, sent as OTLP over HTTP. Its packages are an extra, imported only when used."""

from importlib.util import find_spec

from app.config.reading import SettingsError
from app.config.settings import Settings
from app.telemetry import tracing


def install(settings: Settings, service: str) -> None:
    """Record spans if a receiver is configured. Raises SettingsError if OpenTelemetry is not installed."""
    if not settings.otlp_endpoint:
        return
    if not _is_there("opentelemetry.sdk.trace") or not _is_there("opentelemetry.exporter.otlp.proto.http"):
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: "
            "run `pip install --require-hashes -r requirements-tracing.lock`, or unset it."
        )
    tracing.record(lambda: _recorder(settings.otlp_endpoint, service))


def _recorder(url: str, service: str) -> tracing.Recorder:
    """Make the recorder of a process; called when it records its first span."""
    from app.telemetry.receiver import processor
    from app.telemetry.spans import Spans

    return Spans(service, processor(url))


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a parent package is missing, too
        return False
