"""Load of one kind of request: a few keep-alive connections from one process, for a fixed time."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import quantiles

Make = Callable[[], bytes]
HOUR = 3600.0  # seconds


@dataclass(frozen=True)
class Measured:
    """Responses or purchases per second, the latency (p50 and p99 in seconds), and the GETs that a purchase took.

    `alone`: the p99 of the same connections before the load beside them began.
    """

    per_second: float
    p50: float
    p99: float
    gets: float = 0
    alone: float = 0


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
    start = time.perf_counter()
    every = _send(port, make, expected, seconds, connections, done)
    return measured([took for _, took in every], time.perf_counter() - start)


def run_beside(
    port: int, make: Make, expected: int, seconds: float, connections: int, other: Callable[[], object]
) -> Measured:
    """Send them for so many seconds alone, and then until the `other` load is done, which begins in between.

    Over the same connections, because how many of them are with the same worker is a matter of chance.
    """
    began, ended = 0.0, threading.Event()

    def load() -> None:
        nonlocal began
        time.sleep(seconds)
        began = time.perf_counter()
        try:
            other()
        finally:
            ended.set()

    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load)
        every = _send(port, make, expected, HOUR, connections, ended.is_set)
        loading.result()
    alone = measured([took for start, took in every if start < began], seconds)
    both = measured([took for start, took in every if start >= began], time.perf_counter() - began)
    return replace(both, alone=alone.p99)


def measured(times: Sequence[float], took: float) -> Measured:
    """What so many requests have shown, given the seconds of each and of all."""
    cuts = quantiles(times, n=100)
    return Measured(len(times) / took, cuts[49], cuts[98])


def _send(
    port: int, make: Make, expected: int, seconds: float, connections: int, done: Callable[[], bool]
) -> list[tuple[float, float]]:
    """The start of each request, by time.perf_counter, and how many seconds it took."""
    times: list[list[tuple[float, float]]] = [[] for _ in range(connections)]
    failures: list[BaseException] = []
    until = time.perf_counter() + seconds

    def one(mine: list[tuple[float, float]]) -> None:
        try:
            _one_connection(port, make, expected, lambda: done() or time.perf_counter() > until, mine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [each for mine in times for each in mine]


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _one_connection(
    port: int, make: Make, expected: int, over: Callable[[], bool], times: list[tuple[float, float]]
) -> None:
    while not over():
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stays = True
            while stays and not over():
                start = time.perf_counter()
                connection.sendall(make())
                status, body, stays = _answer(connection)
                times.append((start, time.perf_counter() - start))
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
