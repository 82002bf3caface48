"""Load of one kind of request: a few keep-alive connections from one process, for a fixed time."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import quantiles

Make = Callable[[], bytes]


@dataclass(frozen=True)
class Measured:
    """Responses or purchases per second, the latency (p50 and p99 in seconds), and the GETs that a purchase took."""

    per_second: float
    p50: float
    p99: float
    gets: float = 0


def run(
    port: int,
    make: Make,
    expected: int,
    seconds: float,
    connections: int = 4,
    done: Callable[[], bool] = lambda: False,
) -> Measured:
    """Send the requests that `make` returns, one at a time per connection, until it is `done` or the time is over.

    Raises AssertionError on another status.
    """
    times: list[list[float]] = [[] for _ in range(connections)]
    failures: list[BaseException] = []
    until = time.perf_counter() + seconds

    def one(mine: list[float]) -> None:
        try:
            _one_connection(port, make, expected, lambda: done() or time.perf_counter() > until, mine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(mine,)) for mine in times]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    if failures:
        raise failures[0]
    every = [each for mine in times for each in mine]
    cuts = quantiles(every, n=100)
    return Measured(len(every) / took, cuts[49], cuts[98])


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _one_connection(port: int, make: Make, expected: int, over: Callable[[], bool], times: list[float]) -> None:
    while not over():
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stays = True
            while stays and not over():
                start = time.perf_counter()
                connection.sendall(make())
                status, body, stays = _answer(connection)
                times.append(time.perf_counter() - start)
                assert status == expected, f"{status}: {body[:300]!r}"


def _answer(connection: socket.socket) -> tuple[int, bytes, bool]:
    """Status and body, and whether the server keeps the connection: nginx closes it after a thousand requests."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += _some(connection)
    return int(head[9:12]), body, b"connection: close" not in head.lower()


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data
