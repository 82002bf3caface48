"""One of four databases freezes under load: the probes and the other three modules continue to answer."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.chaos.live import LiveShop
from tests.conftest import until
from tests.servers import control, controller, fresh_databases

pytestmark = pytest.mark.alone


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LiveShop]:
    """A shop on a PostgreSQL that the test can freeze."""
    controller()
    with fresh_databases("catalog", "orders", "users", "payments") as urls:
        live = LiveShop(tmp_path, **urls)
        live.start()
        try:
            yield live
        finally:
            control("resume", "orders-db")
            live.stop()


def status(url: str, seconds: float, **headers: str) -> int:
    """The status of a GET. Raises TimeoutError after this number of seconds."""
    try:
        with urlopen(Request(url, headers=headers), timeout=seconds) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def test_a_crowd_at_a_frozen_database_does_not_stop_the_rest(shop: LiveShop) -> None:
    token, enough, answers = shop.signs_up("alice@example.com"), Event(), Counter[int]()

    def asks_for_orders() -> None:
        while not enough.is_set():
            answers[status(f"{shop.url}/api/v1/orders", 60, Authorization=f"Bearer {token}")] += 1

    with ThreadPoolExecutor(10) as crowd:
        asking = [crowd.submit(asks_for_orders) for _ in range(10)]
        try:
            until(lambda: answers[200] > 10, "orders are listed")
            control("pause", "orders-db")
            until(lambda: answers[503] > 10, "the clients get 503")
            paths = ("/livez", "/readyz", "/api/v1/products")
            seen = [tuple(status(shop.url + path, 15) for path in paths) for _ in range(20)]
            control("resume", "orders-db")
            until(lambda: status(f"{shop.url}/readyz", 10) == 200, "it is ready again")
        finally:
            enough.set()
        for each in asking:
            each.result(timeout=60)

    assert set(seen) == {(200, 503, 200)}
    assert set(answers) == {200, 503}
