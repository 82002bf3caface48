"""Rate limits are shared by all processes through Redis, and hold in each process while Redis is away or hangs."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.web.counts import PAUSE
from tests.conftest import accepted, until
from tests.servers import address, control
from tests.shop import Caller, Shop

Make = Callable[..., Shop]
AWAY = {"status": "failing", "detail": "Redis does not answer: each process counts rate limits for itself"}


def writes(caller: Caller, times: int = 1) -> list[int]:
    """Send a number of writes that need no body. Returns their statuses."""
    return [caller.delete("/cart", headers={"X-Cart-Token": "t"}).status_code for _ in range(times)]


def readiness(shop: Shop) -> Any:
    return shop.as_guest().get("/readyz").json["checks"]["limits"]  # type: ignore[index]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """The port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield listener


def test_what_one_process_counts_counts_in_the_others(shop_with: Make) -> None:
    url, someone = address("TEST_REDIS_URL"), new_id()
    one, other = (shop_with(LIMIT_WRITES="3/day", REDIS_URL=url).as_customer(someone) for _ in range(2))

    answers = [*writes(one, 2), *writes(other, 2), *writes(one)]

    assert answers == [204, 204, 204, 429, 429]


def test_units_ordered_are_counted_over_all_processes(shop_with: Make) -> None:
    url, about = address("TEST_REDIS_URL"), {"LIMIT_UNITS": "10/day", "TRUSTED_PROXIES": "127.0.0.1"}
    here = {"X-Forwarded-For": f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-4:]}::1"}
    answers = []

    for shop in (shop_with(REDIS_URL=url, **about) for _ in range(3)):
        shop.offers("MUG", Money(900, "EUR"))
        caller = shop.as_customer(new_id())
        answers.append(caller.orders({"MUG": 4}, Money(3600, "EUR"), headers=here).status_code)

    assert answers == [201, 201, 429]


def test_the_remaining_hits_are_those_of_all_processes_together(shop_with: Make) -> None:
    url, someone = address("TEST_REDIS_URL"), new_id()
    one, other = (shop_with(LIMIT_WRITES="3/day", REDIS_URL=url).as_customer(someone) for _ in range(2))

    writes(one)
    reported = other.delete("/cart", headers={"X-Cart-Token": "t"}).headers

    assert reported["RateLimit-Policy"] == '"write";q=3;w=86400'
    assert reported["RateLimit"].startswith('"write";r=1;t=')


def test_without_redis_each_process_still_limits(shop_with: Make) -> None:
    shop = shop_with(LIMIT_WRITES="3/day", REDIS_URL="redis://127.0.0.1:9/0")

    assert writes(shop.as_customer(new_id()), 5) == [204, 204, 204, 429, 429]
    assert readiness(shop) == AWAY
    assert shop.as_guest().get("/readyz").status_code == 200


def test_a_redis_that_hangs_is_asked_once_in_a_while_and_not_by_every_request(
    shop_with: Make, silent: socket.socket
) -> None:
    shop = shop_with(LIMIT_WRITES="3/day", REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

    began = time.monotonic()
    answers = writes(shop.as_customer(new_id()), 30)
    pauses = int((time.monotonic() - began) / PAUSE)

    assert answers == [204, 204, 204, *[429] * 27]
    assert 1 <= accepted(silent) <= 1 + pauses


def test_nothing_is_connected_before_the_first_request(shop_with: Make, silent: socket.socket) -> None:
    shop_with(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

    assert accepted(silent) == 0, "a worker that is forked later would share the connection"


@pytest.mark.alone
@pytest.mark.parametrize(("ends", "returns"), [("kill", "up"), ("pause", "resume")])
def test_redis_goes_and_comes_back(shop_with: Make, ends: str, returns: str) -> None:
    url, someone = address("TEST_REDIS_URL"), new_id()
    shop, other = (shop_with(LIMIT_WRITES="1000/minute", REDIS_URL=url) for _ in range(2))
    assert writes(shop.as_customer(someone), 3) == [204] * 3

    control(ends, "redis")
    while_away = writes(shop.as_customer(someone), 20)
    published = readiness(shop)
    control(returns, "redis")

    def shared_again() -> bool:
        writes(shop.as_customer(new_id()))
        return bool(readiness(shop)["status"] == "ok")

    until(shared_again, "Redis is used again", seconds=PAUSE + 5)
    assert while_away == [204] * 20
    assert published == AWAY
    shared = new_id()
    writes(shop.as_customer(shared), 2)
    reported = other.as_customer(shared).delete("/cart", headers={"X-Cart-Token": "t"}).headers["RateLimit"]
    assert reported.startswith('"write";r=997;t=')
