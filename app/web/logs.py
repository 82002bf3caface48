"""Logs: one JSON object per line, with the id and the trace of the request, and without personal data."""

import json
import logging
import re
import sys
import threading
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request

from app.config.settings import Settings
from app.kernel.context import request_id, trace_id
from app.web.metrics import route
from app.web.request_context import PROBES

log = logging.getLogger("quartet.requests")
SECRETS = re.compile(
    r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+"  # e-mail addresses; without the bound, matching 50 kB of one word takes seconds
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"  # tokens
    r"|\b(sk|rk|whsec)_\w{6,}|\bpi_\w+_secret_\w+"  # Stripe's keys and client secrets
    r"|(?i:bearer\s+\S+)|(?i:(password|token|secret)['\"]?\s*[:=]\s*\S+)"
)
HIDDEN = "[hidden]"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hide(record.getMessage()),
            "request_id": request_id.get(),
            "trace_id": trace_id(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            line["traceback"] = hide(self.formatException(record.exc_info))
        return json.dumps({name: value for name, value in line.items() if value is not None}, default=str)


class Readable(logging.Formatter):
    """Formats logs for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        known = getattr(record, "about", {}) | ({"trace_id": trace} if (trace := trace_id()) else {})
        about = " ".join(f"{name}={value}" for name, value in known.items())
        time_of_day = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"  {time_of_day} {record.levelname.lower():<7} {record.getMessage()} {about}".rstrip()
        return hide(f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line)


def install(app: Flask, settings: Settings) -> None:
    """Send all logs to stderr in one format, and log a line for each request."""
    handler = logging.StreamHandler()
    handler.setFormatter(Readable() if sys.stderr.isatty() and not settings.production else JsonLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    threading.excepthook = _log_thread  # Python would print a traceback over many lines
    for chatty in ("stripe", "urllib3", "alembic", "_granian", "elastic_transport"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    if log.isEnabledFor(logging.INFO):
        app.after_request(_log_request)


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        about = {"thread": ended.thread.name if ended.thread else None}
        logging.getLogger(__name__).error(
            "a thread ended with an error", exc_info=ended.exc_value, extra={"about": about}
        )


def hide(text: str) -> str:
    """The text with everything that looks personal or secret replaced by HIDDEN."""
    return SECRETS.sub(HIDDEN, text)


def _log_request(response: Response) -> Response:
    taken = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
    about = {"method": request.method[:10], "route": route(), "status": response.status_code, "ms": taken}
    level = logging.DEBUG if about["route"] in PROBES else logging.INFO
    if log.isEnabledFor(level):  # log.log() would look for its caller in the stack, which no line names
        line = logging.LogRecord(log.name, level, __file__, 0, "request", (), None)
        line.__dict__["about"] = about
        log.handle(line)
    return response
