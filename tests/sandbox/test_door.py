"""Access control: programs on this machine may call the sandbox, pages of other sites in a browser may not."""

import socket

import pytest

from tests.sandbox.driver import Sandbox

PATHS = [("GET", "/sandbox/state"), ("DELETE", "/sandbox/state"), ("POST", "/sandbox/faults"), ("GET", "/v1/refunds")]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:12121"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:80"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_another_site_is_not_let_in(sandbox: Sandbox, method: str, path: str, headers: dict[str, str]) -> None:
    before = sandbox.intent()

    status, _, text = sandbox.ask_raw(method, path, b"{}", {"Authorization": "Bearer sk_test_any", **headers})

    assert status == 403
    assert "Only programs on this machine" in text
    assert sandbox.stripe.v1.payment_intents.retrieve(before.id).status == before.status
    assert sandbox.faults() == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:{port}", "127.0.0.2:{port}", "[::1]:{port}"])
def test_this_machine_is_let_in_by_any_of_its_own_names(sandbox: Sandbox, host: str) -> None:
    host = host.format(port=sandbox.port)

    assert sandbox.ask_raw("GET", "/sandbox/health", headers={"Host": host})[0] == 200
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert sandbox.ask_raw("GET", "/sandbox/health", headers=own)[0] == 200


def test_a_shop_sends_its_customer_to_the_banks_page_and_decides_nothing_there(sandbox: Sandbox) -> None:
    intent = sandbox.authorised(card="pm_card_threeDSecure2Required").id
    page = f"/sandbox/authenticate/{intent}"
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert sandbox.ask_raw("GET", page, headers=elsewhere)[0] == 200
    assert sandbox.ask_raw("GET", page, headers={**elsewhere, "Sec-Fetch-Mode": "no-cors"})[0] == 403
    assert sandbox.ask_raw("GET", f"{page}?outcome=success", headers=elsewhere)[0] == 403
    assert sandbox.ask_raw("POST", f"{page}?outcome=success", headers=elsewhere)[0] == 403
    assert sandbox.stripe.v1.payment_intents.retrieve(intent).status == "requires_action"
    own = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
    assert sandbox.ask_raw("POST", f"{page}?outcome=success", headers=own)[0] in {200, 303}


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Host: evil.example\r\nHost: 127.0.0.1\r\n", b"403"),
        (b"Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n", b"403"),
        (b"Origin: https://evil.example\r\n", b"403"),
        (b"", b"200"),
    ],
)
def test_a_program_may_leave_its_host_out_and_nobody_names_two(sandbox: Sandbox, lines: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=60) as line:
        line.sendall(b"GET /sandbox/health HTTP/1.1\r\n" + lines + b"\r\n")

        assert line.recv(100).startswith(b"HTTP/1.1 " + status)
