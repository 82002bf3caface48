"""The metrics port, which serves only /metrics, and resists bad clients."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from app.config.settings import Settings
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.runtime.metrics_port import AT_ONCE, TIMEOUT, metrics_port, open_metrics_port
from tests.conftest import free_port, until

SETTINGS = Settings.from_environment({})


@pytest.fixture
def port() -> Iterator[int]:
    """The port on which it listens."""
    port = free_port()
    server = open_metrics_port(replace(SETTINGS, metrics_port=port), [])
    assert server
    yield port
    server.shutdown()
    server.server_close()


def scrape(port: int, timeout: float = 60) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=timeout) as answer:
        return str(answer.read().decode())


def is_scraped(port: int) -> bool:
    try:
        return "quartet_http_request_seconds" in scrape(port, 5)
    except OSError:
        return False


def test_it_has_the_page_and_nothing_else(port: int) -> None:
    assert "quartet_http_request_seconds" in scrape(port)
    for path in ("/", "/api/v1/orders", "/metrics/../readyz", "/livez"):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=60)
        assert refused.value.code == 404
        refused.value.close()


def test_it_answers_head_and_does_not_reveal_its_software(port: int) -> None:
    with urlopen(Request(f"http://127.0.0.1:{port}/metrics", method="HEAD"), timeout=60) as answer:
        assert answer.read() == b""
        assert int(answer.headers["Content-Length"]) > 1000
        assert answer.headers["Server"] == "quartet"


def test_a_page_that_cannot_be_made_is_reported_to_the_scraper_and_to_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a file of counts is damaged")

    port = free_port()
    server = open_metrics_port(replace(SETTINGS, metrics_port=port), [])
    assert server
    monkeypatch.setattr(server.page, "generate_metrics", fails)

    with pytest.raises(HTTPError) as refused:
        scrape(port)

    assert refused.value.code == 500
    refused.value.close()
    assert "a file of counts is damaged" in caplog.text
    server.shutdown()
    server.server_close()


def test_slow_clients_do_not_keep_a_scraper_out(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(AT_ONCE - 1)]
    for each in slow:
        each.sendall(b"GET /met")

    assert "quartet_" in scrape(port)

    for each in slow:
        each.close()


def test_clients_that_send_slowly_are_disconnected_to_make_room(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(AT_ONCE)]
    began = time.monotonic()

    def drips_and_is_scraped() -> bool:
        for each in slow:
            try:
                each.sendall(b"x")
            except OSError:
                continue
        return is_scraped(port)

    until(drips_and_is_scraped, "the slow ones are gone", seconds=TIMEOUT + 10)

    assert time.monotonic() - began > TIMEOUT / 2, "or they never filled it"
    for each in slow:
        each.close()


def test_a_client_that_does_not_read_is_disconnected(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    deaf = [socket.socket() for _ in range(AT_ONCE)]
    for each in deaf:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        each.connect(("127.0.0.1", port))
        each.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")

    until(lambda: is_scraped(port), "it is scraped all the same", seconds=TIMEOUT + 10)

    for each in deaf:
        each.close()
    assert "Traceback" not in "".join(capfd.readouterr())


GARBAGE = {
    "TLS": b"\x16\x03\x01\x02\x00",
    "NUL": b"\0" * 70_000,
    "long": b"GET " + b"/" * 70_000,
    "version": b"GET /metrics HTTP/9.9\r\n\r\n",
    "empty": b"\r\n",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_does_no_harm(port: int, garbage: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(garbage)

        assert "quartet_" in scrape(port)

    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_crowd_is_sent_away_and_a_scraper_comes_through_after_it(port: int) -> None:
    crowd = []
    for _ in range(200):
        with socket.socket() as each:
            each.settimeout(0.2)
            if each.connect_ex(("127.0.0.1", port)) == 0:
                crowd.append(each.dup())

    for each in crowd:
        each.close()

    until(lambda: is_scraped(port), "it is scraped", seconds=TIMEOUT + 10)


def test_a_port_that_is_taken_is_reported_and_stops_nothing(port: int, caplog: pytest.LogCaptureFixture) -> None:
    assert open_metrics_port(replace(SETTINGS, metrics_port=port), []) is None

    assert f"no metrics on port {port}" in caplog.text and "METRICS_PORT" in caplog.text


def test_each_module_alone_has_its_own_and_several_have_none(tmp_path: Path) -> None:
    settings = Settings.from_environment({"QUARTET_DATA": str(tmp_path)})
    hosted = [module(settings) for module in (orders, payments, catalog, users)]

    assert [metrics_port(settings, [module]) for module in hosted] == [9000, 6002, 8000, 6000]
    assert metrics_port(settings, hosted) == 0
    assert metrics_port(replace(settings, metrics_port=7777), hosted) == 7777
    assert metrics_port(replace(settings, metrics_port=0), hosted[:1]) == 0
