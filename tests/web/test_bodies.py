"""The size of a body is limited while it is read; shown with a real server, also for chunked bodies."""

import json
import socket
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from app.web.bodies import LARGE
from tests.conftest import answers
from tests.shop import ALICE, Shop
from tests.web.served import published_to, served
from tests.web.steps import assert_problem

CAP = 10_000


def test_a_body_over_the_cap_is_refused(shop_with: Callable[..., Shop]) -> None:
    alice = shop_with(MAX_BODY_BYTES=str(CAP)).as_customer(ALICE)

    over = alice.post("/orders", data=b" " * (CAP + 1), content_type="application/json")
    at = alice.post("/orders", data=b" " * (CAP - 2) + b"[]", content_type="application/json")

    assert_problem(over, 413, "body_too_large")
    assert_problem(at, 422, "invalid_request")


class Unread(BytesIO):
    """A body that fails the test when it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("it is read")


@pytest.mark.parametrize(
    ("coding", "status", "code"),
    [
        ("chunked", 411, "length_required"),
        ("Chunked", 411, "length_required"),
        ("gzip, chunked", 501, "coding_unknown"),
        ("gzip,chunked", 501, "coding_unknown"),
        ("chunked,chunked", 501, "coding_unknown"),
        ("chunked, gzip", 501, "coding_unknown"),
        ("identity", 501, "coding_unknown"),
        ("x", 501, "coding_unknown"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/orders", "/nothing"])
def test_a_body_without_a_length_is_not_read(
    shop_with: Callable[..., Shop], path: str, coding: str, status: int, code: str
) -> None:
    shop = shop_with()
    headers = {**shop.as_customer(ALICE).headers, "Content-Type": "application/json", "Transfer-Encoding": coding}
    environ = create_environ(path, method="POST", headers=headers)
    environ |= {"wsgi.input": Unread(), "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)

    answer = TestResponse(*run_wsgi_app(shop.app, environ), request=Request(environ))

    assert_problem(answer, status, code)
    assert answer.headers["Connection"] == "close"


def test_a_body_that_ends_too_soon_is_not_carried_out(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with()
    body = b'{"quantity": 1}'
    environ = create_environ("/api/v1/cart/items/MUG", method="PUT", headers={"Content-Type": "application/json"})
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1)}

    answer = TestResponse(*run_wsgi_app(shop.app, environ), request=Request(environ))

    assert_problem(answer, 400, "bad_request")


def test_a_body_of_whom_the_route_does_not_let_in_is_not_read(shop_with: Callable[..., Shop]) -> None:
    environ = create_environ("/api/v1/orders", method="POST", headers={"Content-Type": "application/json"})
    environ |= {"wsgi.input": Unread(), "CONTENT_LENGTH": "100"}

    answer = TestResponse(*run_wsgi_app(shop_with().app, environ), request=Request(environ))

    assert_problem(answer, 401, "not_signed_in")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """orders alone, served by a real server."""
    with served(tmp_path_factory.mktemp("served"), MAX_BODY_BYTES=str(CAP)) as port:
        yield port


def chunks(total: int) -> bytes:
    piece = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    return piece * (total // 0x1000) + b"0\r\n\r\n"


GOOD = b'f\r\n{"quantity": 1}\r\n0\r\n\r\n'
PUT = "PUT /api/v1/cart/items/MUG HTTP/1.1\nHost: x\nContent-Type: application/json\nConnection: close\n"


@pytest.mark.parametrize(
    ("coding", "body", "answered"),
    [
        ("chunked", GOOD, b" 411 "),
        ("chunked", GOOD.replace(b"0\r\n\r\n", b"ZZZ\r\n"), b" 411 "),
        ("chunked", b"ZZZ\r\n" + GOOD, b" 411 "),
        ("chunked", chunks(20 * CAP), b" 411 "),
        ("gzip, chunked", GOOD, b" 501 "),
        ("gzip, chunked", chunks(20 * CAP), b" 501 "),
        ("chunked\nTransfer-Encoding: chunked", GOOD, b" 501 "),
    ],
)
def test_a_server_carries_out_no_part_of_a_body_in_chunks(port: int, coding: str, body: bytes, answered: bytes) -> None:
    answer = published_to(port, f"{PUT}Transfer-Encoding: {coding}\n\n", body)

    assert answer.startswith(b"HTTP/1.1" + answered), answer[:300]
    assert b"application/problem+json" in answer


def test_a_server_closes_the_connection_on_what_it_does_not_read(port: int) -> None:
    keep = PUT.replace("Connection: close", "Connection: keep-alive")

    for head in (f"{keep}Transfer-Encoding: chunked\n\n", f"{keep}Content-Length: {CAP + 1}\n\n"):
        assert b"connection: close" in published_to(port, head).lower()


def test_a_server_refuses_a_declared_length_over_the_cap(port: int) -> None:
    answer = published_to(port, PUT + f"Content-Length: {CAP + 1}\n\n", b" " * (CAP + 1))

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
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(65536)
        except ConnectionResetError:
            answer = b""

    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert answers(f"http://127.0.0.1:{port}/livez")


def test_the_server_says_neither_its_name_nor_its_version(port: int) -> None:
    answer = published_to(port, "GET /livez HTTP/1.1\nHost: x\nConnection: close\n\n")

    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 200")
    assert b"python" not in head and b"werkzeug" not in head and b"granian/" not in head


def posts(shop: Shop, path: str, body: bytes, headers: dict[str, str]) -> TestResponse:
    sent = {"Content-Type": "application/json", "Idempotency-Key": "x", **headers}
    environ = create_environ(path, method="POST", headers=sent, data=body)
    return TestResponse(*run_wsgi_app(shop.app, environ), request=Request(environ))


@pytest.mark.slow
def test_staffs_routes_of_products_take_more(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with()
    staff = shop.as_staff().headers
    product = json.dumps({"name": "Mug"}).encode()
    fits, over = product + b" " * (LARGE - len(product)), product + b" " * (LARGE - len(product) + 1)

    assert posts(shop, "/api/v1/products", fits, staff).status_code == 201
    assert_problem(posts(shop, "/api/v1/products", over, staff), 413, "body_too_large")
    assert_problem(posts(shop, "/api/v1/orders", fits, staff), 413, "body_too_large")
    assert_problem(posts(shop, "/api/v1/products", fits, {}), 401, "not_signed_in")
