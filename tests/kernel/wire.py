"""A connection to a server that can go dead without either end noticing."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Wire:
    """Listens on `port`, and forwards everything to the server while `alive`."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = [self._listener]
        self.port = int(self._listener.getsockname()[1])
        self.alive = threading.Event()
        self.alive.set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def end(self) -> None:
        self.alive.set()
        self._hang_up(self._listener)
        self._threads[0].join()
        for each in self._sockets:
            self._hang_up(each)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                pair = self._listener.accept()[0], socket.create_connection(self._server)
                self._sockets += pair
                for source, target in (pair, pair[::-1]):
                    self._threads.append(threading.Thread(target=self._carry, args=(source, target)))
                    self._threads[-1].start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one side has closed the connection
            while data := source.recv(65536):
                self.alive.wait()
                target.sendall(data)
        self._hang_up(target)

    def _hang_up(self, each: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it is closed already
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire_to(host: str, port: int) -> Iterator[Wire]:
    """A wire that is closed in the end."""
    wire = Wire((host, port))
    try:
        yield wire
    finally:
        wire.end()
