"""A port that serves only /metrics, for Prometheus. Customers must not see it, so it is not behind the gateway."""

import contextlib
import logging
import socket
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from app.config.settings import Settings
from app.web.metrics import MetricsPage
from app.wiring import Module

log = logging.getLogger(__name__)
TIMEOUT = 5.0  # seconds for a client, from its first byte to its last
AT_ONCE = 8  # clients; the connection of a further one is closed


class Server(ThreadingHTTPServer):
    """Serves a few clients at a time, each for a few seconds: a slow client can delay scrapers, but no customer."""

    allow_reuse_port = False
    page: MetricsPage

    def __init__(self, *where: Any) -> None:
        self._room = threading.Semaphore(AT_ONCE)
        super().__init__(*where)

    def server_bind(self) -> None:
        """Bind without looking up the name of the host in the network, as HTTPServer does."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve the request in its own thread, or close it if AT_ONCE clients are being served."""
        if not self._room.acquire(blocking=False):
            return self.shutdown_request(request)
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be started
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the request, and close the connection after TIMEOUT, however slowly the client sends or reads."""
        over = threading.Timer(TIMEOUT, _hang_up, [request])
        over.daemon = True
        over.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            over.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a client that closed the connection at level debug, as it is no error of ours."""
        log.debug("a client of the metrics port went away", exc_info=True)


class Server6(Server):
    address_family = socket.AF_INET6


class Handler(BaseHTTPRequestHandler):
    """Answers /metrics. It does not log each scrape, and does not reveal the versions of its software."""

    server: Server
    timeout = TIMEOUT

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            return self._answer(404, "text/plain", b"This port serves only /metrics.\n")
        try:
            text, kind = self.server.page.generate_metrics(self.headers.get("Accept"))
        except Exception:
            log.exception("the metrics could not be generated")
            return self._answer(500, "text/plain", b"The metrics could not be generated: see the log.\n")
        return self._answer(200, kind, text.encode())

    def do_HEAD(self) -> None:
        self.do_GET()  # _answer leaves the body out

    def version_string(self) -> str:
        return "quartet"

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, as Prometheus scrapes every few seconds."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def metrics_port(settings: Settings, modules: Iterable[Module]) -> int:
    """The configured port; otherwise the default port of a single module, and 0 (no port) for several modules."""
    if settings.metrics_port is not None:
        return settings.metrics_port
    ports = [module.metrics_port for module in modules]
    return ports[0] if len(ports) == 1 else 0


def open_metrics_port(settings: Settings, modules: Iterable[Module]) -> Server | None:
    """Serve the port in a thread of this process. If the port cannot be opened, log a warning and return None."""
    port = metrics_port(settings, modules)
    if not port:
        return None
    kind = Server6 if ":" in settings.host else Server
    try:
        server = kind((settings.host, port), Handler)
    except OSError as error:
        log.warning("no metrics on port %d of %s: %s. Set METRICS_PORT to another port.", port, settings.host, error)
        return None
    server.page = MetricsPage()
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _hang_up(client: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client has closed it
        client.shutdown(socket.SHUT_RDWR)
