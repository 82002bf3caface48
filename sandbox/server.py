"""The HTTP server: reads a whole request, passes it on, and writes the answer. It listens on loopback only."""

import socket
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from .api import Answer, NoAnswer, Request
from .door import lets_in

HOST = "127.0.0.1"
MAX_BODY_BYTES = 1024 * 1024  # bytes
TIMEOUT = 75.0  # seconds that a connection may be idle, or a request may take to arrive


class Server(ThreadingTCPServer):
    """A server with one thread per connection. Raises OSError if the port cannot be used; port 0 takes any free one."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), Handler)
        self.url = f"http://{HOST}:{self.server_address[1]}"
        self.answer: Callable[[Request], Answer]

    def serve(self, answer: Callable[[Request], Answer]) -> None:
        """Answer requests with this function until shutdown()."""
        self.answer = answer
        self.serve_forever(poll_interval=0.1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connection errors: a client may close its connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection, which is kept open between requests."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # the head and the body are sent together
    timeout = TIMEOUT

    def log_message(self, *_: Any) -> None:
        """Log nothing: /sandbox/state shows what happened."""

    def go(self) -> None:
        if not lets_in(self.command, self.path, self.headers):
            self.send_error(
                403,
                explain="Only programs on this machine may call it, by its loopback address.",
            )
            return
        length = self._length()
        if length is None:
            return
        body = self.rfile.read(length)
        if len(body) < length:  # the client closed the connection early
            self.close_connection = True
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.server.answer(Request(self.command, path, query.encode(), body, headers))
        except NoAnswer:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = go  # noqa: N815 — BaseHTTPRequestHandler requires these names

    def _length(self) -> int | None:
        """Return the length of the body; None if the request was refused because of it and its connection closed."""
        stated = self.headers.get_all("Content-Length", ["0"])
        if "Transfer-Encoding" in self.headers:
            self.send_error(411, explain="Send a Content-Length: chunked bodies are not supported.")
        elif len(stated) > 1 or not (stated[0].isascii() and stated[0].isdigit()):
            self.send_error(400, explain="Content-Length must be one whole number.")
        elif len(stated[0]) > 9 or int(stated[0]) > MAX_BODY_BYTES:
            self.send_error(413, explain=f"The body must have at most {MAX_BODY_BYTES} bytes.")
        else:
            return int(stated[0])
        return None
