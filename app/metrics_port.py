"""A port that has nothing but /metrics, for Prometheus: not for customers, and so not for the gateway."""

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from app.config import Settings
from app.web.metrics import Page
from app.wiring import Module

log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds for a client to send, or to read


class Server(WSGIServer):
    """One client at a time: whoever hangs on it keeps other scrapers waiting, and nobody's order."""

    allow_reuse_port = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of ours."""
        log.debug("a client of the metrics port went away", exc_info=True)


class Handler(WSGIRequestHandler):
    """With a limit to its patience, and no line of log for each scrape."""

    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: it is asked every few seconds, for as long as it runs."""


def metrics_port(settings: Settings, modules: Iterable[Module]) -> int:
    """The port that is set; else that of a module alone, and none (0) for several in one."""
    if settings.metrics_port is not None:
        return settings.metrics_port
    ports = [module.metrics_port for module in modules]
    return ports[0] if len(ports) == 1 else 0


def open_metrics_port(settings: Settings, modules: Iterable[Module]) -> None:
    """Serve it from a thread of this process. A port that cannot be had is told of, and stops nothing."""
    port = metrics_port(settings, modules)
    if not port:
        return
    kind = type("Server", (Server,), {"address_family": socket.AF_INET6}) if ":" in settings.host else Server
    try:
        server: WSGIServer = make_server(settings.host, port, _page(Page()), server_class=kind, handler_class=Handler)
    except OSError as error:
        log.warning("no metrics on port %d of %s: %s. Set METRICS_PORT to another.", port, settings.host, error)
        return
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def _page(page: Page) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"Here is /metrics, and nothing else.\n"]
        text, kind = page.generate_metrics(environ.get("HTTP_ACCEPT"))
        start("200 OK", [("Content-Type", kind)])
        return [text.encode()]

    return answer
