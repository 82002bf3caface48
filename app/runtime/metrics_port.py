"""A port that has nothing but /metrics, for Prometheus: not for customers, and so not for the gateway."""

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
AT_ONCE = 8  # clients; whoever comes while all of them are busy is sent away


class Server(ThreadingHTTPServer):
    """A few clients at a time, each for a few seconds: who hangs on it keeps scrapers waiting, and nobody's order."""

    allow_reuse_port = False
    page: MetricsPage

    def __init__(self, *where: Any) -> None:
        self._room = threading.Semaphore(AT_ONCE)
        super().__init__(*where)

    def server_bind(self) -> None:
        """Without asking the network for our name."""
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, while there is room."""
        if not self._room.acquire(blocking=False):
            return self.shutdown_request(request)
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread can be started
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Until its time is over, however slowly it sends or reads."""
        over = threading.Timer(TIMEOUT, _hang_up, [request])
        over.daemon = True
        over.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            over.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of ours."""
        log.debug("a client of the metrics port went away", exc_info=True)


class Server6(Server):
    """The same on IPv6."""

    address_family = socket.AF_INET6


class Handler(BaseHTTPRequestHandler):
    """No line of log for each scrape, and no word of what it is made of."""

    server: Server
    timeout = TIMEOUT

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            return self._answer(404, "text/plain", b"Here is /metrics, and nothing else.\n")
        try:
            text, kind = self.server.page.generate_metrics(self.headers.get("Accept"))
        except Exception:
            log.exception("the page of metrics could not be made")
            return self._answer(500, "text/plain", b"The page could not be made: the log says why.\n")
        return self._answer(200, kind, text.encode())

    def do_HEAD(self) -> None:
        """The same without it."""
        self.do_GET()

    def version_string(self) -> str:
        return "quartet"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: it is asked every few seconds, for as long as it runs."""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def metrics_port(settings: Settings, modules: Iterable[Module]) -> int:
    """The port that is set; else that of a module alone, and none (0) for several in one."""
    if settings.metrics_port is not None:
        return settings.metrics_port
    ports = [module.metrics_port for module in modules]
    return ports[0] if len(ports) == 1 else 0


def open_metrics_port(settings: Settings, modules: Iterable[Module]) -> Server | None:
    """Serve it from a thread of this process. A port that cannot be had is told of, and stops nothing."""
    port = metrics_port(settings, modules)
    if not port:
        return None
    kind = Server6 if ":" in settings.host else Server
    try:
        server = kind((settings.host, port), Handler)
    except OSError as error:
        log.warning("no metrics on port %d of %s: %s. Set METRICS_PORT to another.", port, settings.host, error)
        return None
    server.page = MetricsPage()
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _hang_up(client: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it has gone by itself
        client.shutdown(socket.SHUT_RDWR)
