"""The API refuses what it does not support, and no request stops it."""

import re
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest
import stripe

from tests.sandbox.driver import Sandbox, client

KEY = "Authorization: Bearer sk_test_any\r\n"


def sent(sandbox: Sandbox, request: bytes) -> bytes:
    """Return the answer to these bytes until the connection is closed."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=60) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


@pytest.mark.parametrize("key", ["sk_live_any", "pk_test_any", "nonsense"])
def test_a_key_that_is_no_test_key_is_not_let_in(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client(sandbox.url, key).v1.payment_intents.list()

    assert refused.value.http_status == 401
    assert key[8:] not in str(refused.value) or key[8:] == ""


def test_without_a_key_nobody_is_let_in(sandbox: Sandbox) -> None:
    assert sandbox.ask("GET", "/v1/payment_intents")[0] == 401
    assert sandbox.ask("GET", "/v1/payment_intents", Authorization="Basic !!")[0] == 401
    assert sandbox.ask("GET", "/v1/payment_intents", Authorization="Basic c2tfdGVzdF9hbnk6")[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/customers"),
        ("POST", "/v1/payment_intents/pi_1/increment_authorization"),
        ("DELETE", "/v1/payment_intents/pi_1"),
        ("PUT", "/v1/refunds"),
        ("GET", "/v2/core/events"),
        ("GET", "/"),
    ],
)
def test_calls_that_are_not_covered_are_refused(sandbox: Sandbox, method: str, path: str) -> None:
    status, answer = sandbox.ask(method, path, Authorization="Bearer sk_test_any")

    assert (status, answer["error"]["type"]) == (404, "invalid_request_error")
    assert f"({method}: {path})" in answer["error"]["message"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ("amount=1000&currency=eur&colour=red", "parameter_unknown", "colour"),
        ("amount=1000", "parameter_missing", "currency"),
        ("amount=10.5&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=-1&currency=eur", "parameter_invalid_integer", "amount"),
        ("amount=1000&currency=eur&description=", "parameter_invalid_empty", "description"),
        ("amount=1000&currency=eur&capture_method=later", None, "capture_method"),
        ("amount=1000&currency=eur&metadata=text", None, "metadata"),
        (f"amount=1000&currency=eur&metadata[{'k' * 41}]=v", None, f"metadata[{'k' * 41}]"),
        ("amount=1000&currency=eur&payment_method_types[]=card", "payment_method_types_no_longer_supported", None),
        ("amount[=1000", None, None),
        ("amount=1&amount[a]=2&currency=eur", None, None),
        ("amount=%ff&currency=eur", None, None),
        ("&".join(f"p{number}=1" for number in range(1001)), None, None),
    ],
)
def test_parameters_are_held_against_what_stripe_takes(
    sandbox: Sandbox, body: str, code: str | None, param: str | None
) -> None:
    headers = {"Authorization": "Bearer sk_test_any"}

    status, _, text = sandbox.ask_raw("POST", "/v1/payment_intents", body.encode(), headers)

    assert status == 400
    assert '"type": "invalid_request_error"' in text
    assert code is None or f'"code": "{code}"' in text
    assert param is None or f'"param": "{param}"' in text


def test_an_object_that_is_not_there_is_missing(sandbox: Sandbox) -> None:
    v1 = sandbox.stripe.v1
    for retrieve in (v1.payment_intents.retrieve, v1.refunds.retrieve, v1.charges.retrieve, v1.events.retrieve):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            retrieve("xx_nothing")
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"505"),
        (b"GET //[ HTTP/1.1\r\n\r\n", b"401"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"501"),
        (b"POST /v1/refunds HTTP/1.1\r\nContent-Length: ten\r\n\r\n", b"400"),
        (b"POST /v1/refunds HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST /v1/refunds HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
        (b"POST /v1/refunds HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", b"413"),
        (b"POST /v1/refunds HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", b"413"),
        (b"POST /v1/refunds HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", b"431"),
        (b"POST /sandbox/faults HTTP/1.1\r\nContent-Length: 60000\r\n\r\n" + b"[" * 60_000, b"400"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_a_malformed_request_is_refused_and_ends_nothing(sandbox: Sandbox, request_: bytes, status: bytes) -> None:
    answer = sent(sandbox, request_)

    reported = re.match(rb"HTTP/1\.1 (\d+)", answer) or re.search(
        rb"Error code: (\d+)", answer
    )  # the answer to garbage has no head
    assert reported is not None and reported[1] == status
    assert sandbox.ask("GET", "/sandbox/health") == (200, {"ready": True})


def test_a_request_that_breaks_off_has_no_effect(sandbox: Sandbox) -> None:
    before = len(sandbox.state()["intents"])
    body = b"amount=1000&currency=eur"
    head = f"POST /v1/payment_intents HTTP/1.1\r\n{KEY}Content-Length: {len(body) + 1}\r\n\r\n".encode()

    assert sent(sandbox, head + body) == b""
    assert len(sandbox.state()["intents"]) == before


def test_one_connection_carries_many_requests(sandbox: Sandbox) -> None:
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    connection.connect()
    first = connection.sock

    for path, status in [("/sandbox/health", 200), ("/v1/nothing", 401), ("/sandbox/state", 200)]:
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.read() and response.status == status
        assert connection.sock is first

    connection.close()


def test_only_this_machine_gets_in(sandbox: Sandbox) -> None:
    tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    ends = [line.split()[1] for line in tables.splitlines() if " 0A " in line]  # of the listening sockets

    assert [end for end in ends if end.endswith(f":{sandbox.port:04X}")] == [f"0100007F:{sandbox.port:04X}"]
