"""A verifier or a provider of tax whose answer does not end is given up: it holds no job and no quote for hours."""

import json
import socketserver
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.kernel.errors import Unavailable
from app.modules.orders.infrastructure.tax import stripe_tax
from app.modules.orders.infrastructure.tax.stripe_tax import StripeTax
from app.modules.orders.infrastructure.tax.vies import Vies
from tests.conftest import answering

VALID = {"isValid": True, "userError": "VALID", "name": "Ada", "id": "tax_1", "line_items": {"data": []}}


class Trickle(socketserver.BaseRequestHandler):
    """Answers at once that it is fine, and then sends what, byte by byte, for seconds: longer than the timeout."""

    def handle(self) -> None:
        self.request.recv(65_536)
        body = json.dumps(VALID | {"padding": "x" * 150}).encode()
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        for i in range(len(body)):
            try:
                self.request.sendall(body[i : i + 1])
            except OSError:
                return  # given up
            time.sleep(0.02)


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server, answering(server):
        server.daemon_threads = True
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_a_verifier_that_never_ends_its_answer_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.modules.orders.infrastructure.tax.vies.TIMEOUT", 1)
    with serving(Trickle) as url, pytest.raises(Unavailable, match="asked again"):
        Vies(url).verify("AT", "U12345678")


def test_a_provider_that_never_ends_its_answer_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.modules.orders.infrastructure.tax.stripe_tax.TIMEOUT", 1)
    with serving(Trickle) as url, pytest.raises(Unavailable) as refused:
        StripeTax(url, "sk_test_x").commit("taxcalc_1", "order", "tax:order")

    assert refused.value.code == stripe_tax.AWAY


class Endless(socketserver.BaseRequestHandler):
    """Says of each page of lines that another one follows."""

    def handle(self) -> None:
        self.request.recv(65_536)
        lines = {"data": [{"id": "li_1", "reference": "line:MUG"}], "has_more": True}
        body = json.dumps({"id": "tax_1", "reference": "order", "line_items": lines} | lines).encode()
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def test_a_provider_whose_pages_never_end_is_wrong() -> None:
    with serving(Endless) as url, pytest.raises(Unavailable) as refused:
        StripeTax(url, "sk_test_x").commit("taxcalc_1", "order", "tax:order")

    assert refused.value.code == "tax_answer_inconsistent"
