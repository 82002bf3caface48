"""Receivers of traces that misbehave."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import free_port

OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "refuses": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    "asks for patience": b"HTTP/1.1 503 Later\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n",
    "sends elsewhere": b"HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
    "talks nonsense": b"\x00\xff" * 500,
    "talks for ever": OK + b"Transfer-Encoding: chunked\r\n\r\n",
    "has endless headers": OK,
}
SILENT = ("is silent",)
KINDS = ("is not there", *SILENT, *ANSWERS)
FOR_EVER = {"talks for ever": b"4000\r\n" + b"x" * 16384 + b"\r\n", "has endless headers": b"X: y\r\n" * 1000}


class Odd:
    """Accepts every connection, and misbehaves on it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.met = 0
        self.sent = 0  # bytes
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = []

    def serve(self) -> None:
        """Accept connections until it is closed."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.met += 1
                self._open.append(connection)
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        if self.kind in SILENT:
            return
        with contextlib.suppress(OSError), connection:
            connection.recv(65536)
            connection.sendall(ANSWERS[self.kind])
            while more := FOR_EVER.get(self.kind):
                self.sent += connection.send(more)

    def close(self) -> None:
        """Close all connections."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            connection.close()


@contextmanager
def odd(kind: str) -> Iterator[Odd]:
    """A running receiver."""
    receiver = Odd(kind)
    threading.Thread(target=receiver.serve, daemon=True).start()
    if kind == "is not there":
        receiver.close()
        receiver.url = f"http://127.0.0.1:{free_port()}"
        yield receiver
        return
    yield receiver
    receiver.close()
