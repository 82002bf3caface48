"""Bodies that arrive a byte at a time block no other request, even without a gateway, and time out."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import until
from tests.web.served import published_to, served

pytestmark = pytest.mark.slow

SLOW, SECONDS = 500, 5
HEAD = (
    b"PUT /api/v1/cart/items/MUG HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)
WHOLE = "PUT /api/v1/cart/items/MUG HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 15\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """orders alone, served by a real server with as many threads as a small machine has processors."""
    settings = {"BODY_SECONDS": str(SECONDS), "THREADS": "2", "LIMIT_WRITES": "100000/minute"}
    with served(tmp_path_factory.mktemp("served"), **settings) as port:
        yield port


@pytest.fixture
def slow(port: int) -> Iterator[list[socket.socket]]:
    """Clients that have begun to send a body."""
    with ExitStack() as open_ones:
        clients = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60)) for _ in range(SLOW)
        ]
        for each in clients:
            each.sendall(HEAD)
        yield clients


def asked(port: int, path: str) -> bytes:
    return published_to(port, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n\n")


def test_five_hundred_slow_bodies_stop_nobody(port: int, slow: list[socket.socket]) -> None:
    for each in slow:
        each.sendall(b" ")

    began = time.monotonic()
    alive, cart = asked(port, "/livez"), asked(port, "/api/v1/cart")
    put = published_to(port, f"{WHOLE}Connection: close\n\n", b'{"quantity": 1}')
    took = time.monotonic() - began
    still = [each for each in slow if not answered(each)]

    assert alive.startswith(b"HTTP/1.1 200 ") and cart.startswith(b"HTTP/1.1 200 ")
    assert b'"code":"unknown_sku"' in put, "it was read, and looked at"
    assert took > SECONDS or len(still) == SLOW, "they were slow until then"


def test_a_slow_body_is_refused_after_its_time_however_often_something_came(
    port: int, slow: list[socket.socket]
) -> None:
    until(lambda: [each.send(b" ") for each in slow[:1]] and answered(slow[0]), "the time is over", 12 * SECONDS)

    for each in slow[1:]:
        reported = each.recv(4096)
        assert reported.startswith(b"HTTP/1.1 408 ") and b'"code":"body_too_slow"' in reported
        assert b"connection: close" in reported.lower()
    assert asked(port, "/livez").startswith(b"HTTP/1.1 200 ")


def test_nothing_is_lost_to_those_who_came_before(port: int) -> None:
    """Three times as many clients as threads."""
    for _ in range(6):
        with ExitStack() as open_ones:
            for _ in range(SLOW):
                client = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
                client.sendall(HEAD)
            assert asked(port, "/livez").startswith(b"HTTP/1.1 200 ")


def test_who_hangs_up_in_the_middle_has_changed_nothing(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(HEAD.replace(b"1000", b"16") + b'"quantity": 1}')
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(4096)

    assert not answer or answer.startswith(b"HTTP/1.1 400 "), answer
    assert b'"lines":[]' in asked(port, "/api/v1/cart").replace(b" ", b"")


def answered(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        client.settimeout(20)
