"""Bodies are capped while they are read; a real server shows it, chunks and all."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from app.web.bodies import LARGE
from tests.conftest import ROOT, answers, free_port, until
from tests.shop import ALICE, Shop
from tests.web.steps import assert_problem

CAP = 10_000


def test_a_body_over_the_cap_is_refused(shop_with: Callable[..., Shop]) -> None:
    alice = shop_with(MAX_BODY_BYTES=str(CAP)).as_customer(ALICE)

    over = alice.post("/orders", data=b" " * (CAP + 1), content_type="application/json")
    at = alice.post("/orders", data=b" " * (CAP - 2) + b"[]", content_type="application/json")

    assert_problem(over, 413, "body_too_large")
    assert_problem(at, 422, "invalid_request")


class Endless(BytesIO):
    """A chunked body that goes on for as long as somebody reads."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size >= 0, "it would be read to the end of memory"
        self.taken += size
        assert self.taken <= 4 * CAP, "it goes on reading"
        return b" " * size


def test_a_chunked_body_is_not_read_without_end(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with(MAX_BODY_BYTES=str(CAP))
    headers = {**shop.as_customer(ALICE).headers, "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    environ = create_environ("/api/v1/orders", method="POST", headers=headers)
    environ |= {"wsgi.input": Endless(), "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)

    answer = TestResponse(*run_wsgi_app(shop.app, environ), request=Request(environ))

    assert_problem(answer, 413, "body_too_large")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """orders alone, served as its owner would."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    settings = {"PORT": str(port), "QUARTET_DATA": str(folder), "MAX_BODY_BYTES": str(CAP), "LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "flask", "--app", "app.modules.orders.wsgi", "serve"]
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/livez"), f"it serves; see {folder}/log", 30)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def said_to(port: int, head: str, body: bytes = b"") -> bytes:
    """What the server answers to these very bytes, until it closes or has said all."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        answer = b""
        with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough
            connection.sendall(body)
        with suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answer += more
        return answer


def chunks(total: int) -> bytes:
    piece = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    return piece * (total // 0x1000) + b"0\r\n\r\n"


PUT = "PUT /api/v1/cart/items/MUG HTTP/1.1\nHost: x\nContent-Type: application/json\nConnection: close\n"


def test_a_server_refuses_a_chunked_body_over_the_cap(port: int) -> None:
    answer = said_to(port, PUT + "Transfer-Encoding: chunked\n\n", chunks(20 * CAP))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answer and b'"code":"body_too_large"' in answer


def test_a_server_reads_a_chunked_body_under_the_cap(port: int) -> None:
    answer = said_to(port, PUT + "Transfer-Encoding: chunked\n\n", chunks(0x1000).replace(b"1000\r\n  ", b"1000\r\n[]"))

    assert answer.startswith(b"HTTP/1.1 422 "), "it was read, and was no JSON object"


def test_a_server_refuses_a_declared_length_over_the_cap(port: int) -> None:
    answer = said_to(port, PUT + f"Content-Length: {CAP + 1}\n\n", b" " * (CAP + 1))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"body_too_large"' in answer


@pytest.mark.parametrize(
    "head",
    [
        "GARBAGE\n\n",
        "GET /livez HTTP/1.1\n\n",
        PUT + "Content-Length: -1\n\n",
        PUT + "Content-Length: many\n\n",
        PUT + "Content-Length: 5\nContent-Length: 6\n\nhello!",
        PUT + "Content-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
        PUT + "Transfer-Encoding: chunked\n\nZZ\nhello\n",
        "GET /livez HTTP/1.1\nHost: x\nConnection: close\nX: " + "a" * 100_000 + "\n\n",
        "GET /" + "a" * 100_000 + " HTTP/1.1\nHost: x\nConnection: close\n\n",
        "GET /livez HTTP/1.1\nHost: x\nBad Header: y\nConnection: close\n\n",
    ],
    ids=lambda head: head.split("\n", 1)[1][-40:] or head[:40],
)
def test_broken_http_is_no_fault_of_ours_and_does_not_stop_the_shop(port: int, head: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(65536)
        except ConnectionResetError:
            answer = b""

    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert answers(f"http://127.0.0.1:{port}/livez")


def test_the_server_says_neither_its_name_nor_its_version(port: int) -> None:
    answer = said_to(port, "GET /livez HTTP/1.1\nHost: x\nConnection: close\n\n")

    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200")
    assert b"python" not in head and b"werkzeug" not in head and b"granian/" not in head


def posts(shop: Shop, path: str, body: bytes, chunked: bool, **headers: str) -> TestResponse:
    sent = {"Content-Type": "application/json", "Idempotency-Key": "x", **headers}
    environ = create_environ(path, method="POST", headers=sent, data=body)
    if chunked:
        environ |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        environ.pop("CONTENT_LENGTH", None)
    return TestResponse(*run_wsgi_app(shop.app, environ), request=Request(environ))


@pytest.mark.parametrize("chunked", [False, True])
def test_staffs_routes_of_products_take_more(shop_with: Callable[..., Shop], chunked: bool) -> None:
    shop = shop_with()
    staff = shop.as_staff().headers
    product = json.dumps({"name": "Mug"}).encode()
    fits, over = product + b" " * (LARGE - len(product)), product + b" " * (LARGE - len(product) + 1)

    assert posts(shop, "/api/v1/products", fits, chunked, **staff).status_code == 201
    assert_problem(posts(shop, "/api/v1/products", over, chunked, **staff), 413, "body_too_large")
    assert_problem(posts(shop, "/api/v1/orders", fits, chunked, **staff), 413, "body_too_large")
    assert_problem(posts(shop, "/api/v1/products", fits, chunked), 401, "not_signed_in")
