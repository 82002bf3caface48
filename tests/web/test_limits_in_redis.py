"""Rate limits are shared by all processes through Redis, and hold in each process while Redis is away or hangs."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from limits import parse
from prometheus_client import REGISTRY

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.web import counts, exchange
from app.web.counts import FEW, PAUSE, Counts
from app.web.windows import Hits, SharedStorage, Window
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


def test_an_order_and_its_units_are_counted_in_one_round_trip(shop_with: Make, sent_to_redis: list[bytes]) -> None:
    shop = shop_with(REDIS_URL=address("TEST_REDIS_URL"))
    shop.offers("MUG", Money(900, "EUR"))
    caller = shop.as_customer(new_id())
    assert caller.orders({"MUG": 1}, Money(900, "EUR")).status_code == 201
    sent_to_redis.clear()

    assert caller.orders({"MUG": 4}, Money(3600, "EUR")).status_code == 201
    assert len(sent_to_redis) == 1
    assert b"order/" in sent_to_redis[0] and b"unit/" in sent_to_redis[0]


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


def failures() -> float:
    """How many attempts have failed in this process."""
    return REGISTRY.get_sample_value("quartet_limits_fallback_total") or 0.0


def test_reads_and_writes_do_not_wait_for_redis(
    shop_with: Make, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SharedStorage, "take", None)  # whoever asked Redis during a request would fail
    monkeypatch.setattr(exchange, "INTERVAL", 1.0)  # time for ten requests on a busy machine
    monkeypatch.setattr(counts, "PAUSE", 60.0)  # and for more before another one tries
    shop = shop_with(LIMIT_WRITES="30/day", REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    alice, before = shop.as_customer(new_id()), failures()

    assert writes(alice, 10) == [204] * 10
    until(lambda: failures() > before, "the hits are sent, without an answer")

    assert readiness(shop) == AWAY
    assert writes(alice, 30) == [204] * 20 + [429] * 10, "hits that could not be sent count in the process"


def test_a_few_hits_are_counted_exactly(shop_with: Make) -> None:
    """And so are all that are neither reads nor writes, however many."""
    url, someone = address("TEST_REDIS_URL"), str(new_id())
    one, other = Counts(url), Counts(url)

    for limit, exact in ((parse(f"{FEW}/minute"), False), (parse("100/minute"), True)):
        allowed = [each.take(limit, "login", someone, exact=exact).allowed for _ in range(80) for each in (one, other)]
        assert allowed == [True] * limit.amount + [False] * (160 - limit.amount)


@pytest.mark.parametrize("limit", ["200/minute", "100/second"])
def test_two_processes_let_through_little_more_than_one(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most the limit of each window, and once what one of them lets through within two exchanges.

    Two, because hits that come while an exchange is on its way are sent with the next.
    """
    url, someone, item = address("TEST_REDIS_URL"), str(new_id()), parse(limit)
    sent: dict[int, list[int]] = {}
    add = SharedStorage.add

    def recorded(storage: SharedStorage, hits: Sequence[Hits]) -> list[Window]:
        sent.setdefault(id(storage), []).extend(each.number for each in hits)
        return add(storage, hits)

    monkeypatch.setattr(SharedStorage, "add", recorded)
    began = time.monotonic()

    def hammer(process: Counts) -> int:
        allowed = 0
        while time.monotonic() < began + 2:
            allowed += process.take(item, "read", someone, exact=False).allowed
            time.sleep(0.002)
        return allowed

    with ThreadPoolExecutor(2) as pool:
        allowed = sum(pool.map(hammer, [Counts(url), Counts(url)]))

    within = item.amount * (1 if item.get_expiry() > 2 else 3)  # two seconds are windows of one second, and their rests
    bound = max(one + next for each in sent.values() for one, next in pairwise([*each, 0]))
    print(f"{limit}: two processes let {allowed} through in 2 s: limit {within}, and at most {bound} more")
    assert len(sent) == 2
    assert item.amount <= allowed <= within + bound


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
        """Each shop finds out by itself, and learns of the hits in another one when it sends its own."""
        writer = new_id()
        for each in (shop, other):
            writes(each.as_customer(writer))
            time.sleep(0.5)
        reported = other.as_customer(writer).delete("/cart", headers={"X-Cart-Token": "t"}).headers["RateLimit"]
        return reported.startswith('"write";r=997;t=') and readiness(shop)["status"] == "ok"

    until(shared_again, "both count in Redis again", seconds=90)
    assert while_away == [204] * 20
    assert published == AWAY
