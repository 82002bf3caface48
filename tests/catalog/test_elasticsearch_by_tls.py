"""Elasticsearch over TLS, with an API key. The server of the tests runs with security off, behind a proxy that speaks
TLS and accepts one key."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from app.modules.catalog.module import catalog
from tests.catalog.steps import assortment, finds, has_index, names
from tests.certificates import Authority
from tests.conftest import answering
from tests.doctor.steps import examined
from tests.servers import fresh_index
from tests.shop import Shop

KEY = "aWQ6a2V5"
PASSED_ON = ("Content-Type", "Accept")
Door = Callable[[], str]


def doorkeeper(elasticsearch: str) -> type[BaseHTTPRequestHandler]:
    """Requires the key of every request, and forwards the request to the real server."""

    class Doorkeeper(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"ApiKey {KEY}":
                self._write(401, b"{}", "application/json")
                return
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            asked = Request(elasticsearch + self.path, sent or None, headers, method=self.command)
            try:
                with urlopen(asked, timeout=30) as answer:
                    self._write(answer.status, answer.read(), answer.headers["Content-Type"])
            except HTTPError as error:
                with error:
                    self._write(error.code, error.read(), error.headers["Content-Type"])

        def _write(self, status: int, body: bytes, type: str | None) -> None:
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", type or "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        def log_message(self, *_: Any) -> None: ...

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 — their names are http.server's

    return Doorkeeper


@contextmanager
def guarded(elasticsearch: str, authority: Authority) -> Iterator[str]:
    """Run the proxy; returns its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.certifies("elasticsearch"))
    with ThreadingHTTPServer(("127.0.0.1", 0), doorkeeper(elasticsearch)) as door:
        door.socket = context.wrap_socket(door.socket, server_side=True)
        with answering(door):
            yield f"https://127.0.0.1:{door.server_port}"


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a shop with an index of its own behind the proxy."""
    authority = Authority(tmp_path)
    with fresh_index() as index, guarded(index["ELASTICSEARCH_URL"], authority) as url:
        own = {"ELASTICSEARCH_API_KEY": KEY, "ELASTICSEARCH_CA_FILE": str(authority.file)}
        yield {**index, "ELASTICSEARCH_URL": url, **own}


def test_products_are_found_by_tls_with_a_key(tmp_path: Path, servers: dict[str, str]) -> None:
    shop = Shop(tmp_path, catalog, **servers)
    has_index(shop)
    assortment(shop)

    found = finds(shop, q="enamle mug")

    assert (names(found), "degraded" in found) == (["Enamel mug"], False)
    shop.close()


@pytest.mark.parametrize(
    ("wrong", "published", "advised"),
    [
        ({"ELASTICSEARCH_API_KEY": "b3RoZXI6b25l"}, "rejects our key or password", "ELASTICSEARCH_API_KEY"),
        ({"ELASTICSEARCH_API_KEY": ""}, "rejects our key or password", "ELASTICSEARCH_API_KEY"),
        ({"ELASTICSEARCH_CA_FILE": ""}, "has a certificate that we do not trust", "ELASTICSEARCH_CA_FILE"),
    ],
)
def test_a_problem_is_reported_and_lists_still_work(
    tmp_path: Path, servers: dict[str, str], wrong: dict[str, str], published: str, advised: str
) -> None:
    shop = Shop(tmp_path, catalog, **servers | wrong)
    assortment(shop)

    listed: Any = shop.as_guest().get("/products", query_string={"q": "enamel"})

    assert (listed.status_code, listed.json["degraded"]) == (200, True)
    [(state, sentence, advice)] = [each for each in examined(shop.app).of("search") if each[0] != "ok"]
    assert (state, published in sentence, advised in advice) == ("wrong", True, True), sentence
    shop.close()
