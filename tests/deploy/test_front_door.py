"""The front of the gateway: its own TLS or that of another proxy, and pages of other origins."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path

import pytest

from app.web.cors import EXPOSED
from tests.conftest import ROOT, free_port
from tests.deploy.conftest import MODULES, stand_in
from tests.gateway import gateway
from tests.servers import program

SHOP = "https://shop.example.com"


def front(origins: str = "", name: str = "", behind: str = "") -> str:
    """deploy/gateway/front.conf with these values."""
    text = (ROOT / "deploy/gateway/front.conf").read_text()
    text = text.replace('$origins {\n    default ""', f'$origins {{\n    default "{origins}"')
    text = text.replace('$secure_name {\n    default ""', f'$secure_name {{\n    default "{name}"')
    return text.replace("# set_real_ip_from 10.0.0.0/8;", f"set_real_ip_from {behind};" if behind else "")


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    servers = {name: stand_in(name) for name in MODULES}
    yield {name: int(each.server_address[1]) for name, each in servers.items()}
    for each in servers.values():
        each.shutdown()
        each.server_close()


def asked(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, HTTPMessage, str]:
    """Status, headers and body of a request, without following redirects."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=60)) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


@pytest.fixture(scope="module")
def tls(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    folder, port = tmp_path_factory.mktemp("tls"), free_port()
    (folder / "tls").mkdir()
    make = [program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-batch"]
    make += ["-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example"]
    files = ["-keyout", str(folder / "tls/key.pem"), "-out", str(folder / "tls/certificate.pem")]
    subprocess.run([*make, *files], check=True, capture_output=True, timeout=60)
    with gateway(folder, ports, front(name="shop.example"), tls=port) as url:
        yield url, port, folder / "tls/certificate.pem"


def securely(tls: tuple[str, int, Path], path: str, host: str) -> tuple[int, HTTPMessage, str, str]:
    _, port, certificate = tls
    context = ssl.create_default_context(cafile=str(certificate))
    line = context.wrap_socket(
        socket.create_connection(("127.0.0.1", port), timeout=60), server_hostname="shop.example"
    )
    with closing(HTTPSConnection("shop.example", port, timeout=60)) as connection:
        connection.sock, version = line, line.version() or ""
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(), version


@pytest.mark.parametrize("path", ["/api/v1/products", "/livez", "/nothing", "/docs", "/openapi.json"])
def test_https_answers_with_hsts(tls: tuple[str, int, Path], path: str) -> None:
    status, headers, body, version = securely(tls, path, "shop.example")

    assert status == (404 if path == "/nothing" else 200)
    assert version == "TLSv1.3"
    if path != "/livez":
        assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    if path.startswith("/api"):
        assert '"X-Forwarded-Proto": "https"' in body


@pytest.mark.parametrize("host", ["shop.example", "evil.example", "SHOP.example:8080", "192.0.2.1", ""])
def test_http_is_redirected_to_the_configured_name_only(tls: tuple[str, int, Path], host: str) -> None:
    status, headers, _ = asked(tls[0], "/api/v1/orders?limit=2&x=%2F", "POST", Host=host or "x")

    assert (status, headers["Location"]) == (308, "https://shop.example/api/v1/orders?limit=2&x=%2F")
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.1.2.3:80"])
def test_loopback_is_not_redirected_and_gets_no_hsts(tls: tuple[str, int, Path], host: str) -> None:
    plain, headers, _ = asked(tls[0], "/readyz", Host=host)
    secure, learned, _, _ = securely(tls, "/api/v1/products", host)

    assert (plain, secure) == (200, 200)
    assert "Location" not in headers
    assert "Strict-Transport-Security" not in learned


def test_old_protocols_are_refused(tls: tuple[str, int, Path]) -> None:
    old = [
        program("openssl"),
        "s_client",
        "-connect",
        f"127.0.0.1:{tls[1]}",
        "-tls1_1",
        "-cipher",
        "ALL:@SECLEVEL=0",
    ]

    done = subprocess.run(old, input=b"", capture_output=True, timeout=150, check=False)

    assert done.returncode != 0
    assert b"alert" in done.stderr


@pytest.fixture(scope="module")
def plain(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with gateway(tmp_path_factory.mktemp("plain"), ports, front(name="shop.example")) as url:
        yield url


@pytest.mark.parametrize("host", ["shop.example", "127.0.0.1"])
def test_http_is_answered(plain: str, host: str) -> None:
    status, headers, _ = asked(plain, "/api/v1/products", Host=host)

    assert status == 200
    assert "Strict-Transport-Security" not in headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_forwarded_headers_of_a_client_are_not_trusted(plain: str) -> None:
    _, _, body = asked(plain, "/api/v1/products", X_Forwarded_For="192.0.2.1")

    assert '"X-Forwarded-For": "127.0.0.1"' in body


@pytest.fixture(scope="module")
def behind(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with gateway(tmp_path_factory.mktemp("behind"), ports, front(behind="127.0.0.0/8")) as url:
        yield url


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("10.9.9.9, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 127.0.0.9", "192.0.2.1"),
        ("2001:db8::7", "2001:db8::7"),
        ("nonsense", "127.0.0.1"),
    ],
)
def test_each_customer_has_an_address_of_their_own(behind: str, forwarded: str, seen: str) -> None:
    _, _, body = asked(behind, "/api/v1/products", X_Forwarded_For=forwarded)

    assert f'"X-Forwarded-For": "{seen}"' in body


@pytest.fixture(scope="module")
def known(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    away = {**ports, "orders": free_port()}
    origins = f"{SHOP}, http://localhost:3000,https://last.example"
    with gateway(tmp_path_factory.mktemp("origins"), away, front(origins=origins)) as url:
        yield url


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:3000", "https://last.example"])
@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/api/v1/orders", 503)])
def test_a_page_that_is_known_reads_its_refusals(known: str, origin: str, path: str, status: int) -> None:
    got, headers, _ = asked(known, path, Origin=origin)

    assert got == status
    assert headers.get_all("Access-Control-Allow-Origin") == [origin]
    assert headers["Access-Control-Expose-Headers"] == ", ".join(EXPOSED)
    assert headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        f"{SHOP}.evil.example",
        "https://shopxexample.com",
        "localhost:3000",
        "*",
        ",",
        "https://last.example|https://evil.example",
        f"{SHOP}, http://localhost:3000",
        "http://localhost:300",
    ],
)
def test_a_page_of_an_unknown_origin_does_not(known: str, origin: str) -> None:
    _, headers, _ = asked(known, "/nothing", Origin=origin)

    assert "Access-Control-Allow-Origin" not in headers
    assert "Access-Control-Expose-Headers" not in headers
    assert headers["Vary"] == "Origin"


def test_the_gateway_adds_no_cors_headers_to_responses_that_are_not_public(known: str) -> None:
    _, headers, _ = asked(known, "/api/v1/payments", Origin=SHOP)

    assert "Access-Control-Allow-Origin" not in headers, "the stub sends none, and the gateway must not add one"
