"""The counters of rate limits: both storages count alike; that of the process needs no thread and bounded memory."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from limits.storage import RedisStorage

from app.kernel.ids import new_id
from app.web import windows
from app.web.windows import Attempt, HereStorage, Hits, SharedStorage, Window
from tests.conftest import until
from tests.servers import address

Storage = Any  # HereStorage or SharedStorage


@pytest.fixture(params=["here", "shared"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each of the two."""
    return HereStorage() if request.param == "here" else SharedStorage(address("TEST_REDIS_URL"))


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass in this process; a window of any length has just begun."""
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(windows, "time", clock)

    def seconds(number: float) -> None:
        clock.now += number

    return seconds


def key() -> str:
    return f"LIMITER/test/{new_id()}/3/1/minute"


def test_hits_count_up_to_the_limit_and_those_that_are_refused_do_not(storage: Storage) -> None:
    caller = key()

    taken = [storage.take(caller, 3, 60) for _ in range(5)]

    assert [each.allowed for each in taken] == [True, True, True, False, False]
    assert [each.window.hits for each in taken] == [1, 2, 3, 3, 3]
    assert all(0 < each.window.resets_in <= 60 for each in taken)


def test_a_hit_that_costs_more_than_is_left_is_refused_as_a_whole(storage: Storage) -> None:
    caller = key()

    assert storage.take(caller, 10, 60, cost=7).allowed
    assert not storage.take(caller, 10, 60, cost=4).allowed
    assert storage.take(caller, 10, 60, cost=3).window.hits == 10


def test_to_look_counts_nothing(storage: Storage) -> None:
    caller = key()

    assert storage.take(caller, 10, 60, cost=0) == (True, Window(60, 0, 0, pytest.approx(60, abs=60)))
    storage.take(caller, 10, 60)
    assert storage.take(caller, 10, 60, cost=0).window.hits == 1


def test_callers_and_lengths_are_counted_apart(storage: Storage) -> None:
    one, other = key(), key()
    storage.take(one, 1, 60)

    assert storage.take(other, 1, 60).allowed
    assert not storage.take(one, 1, 60).allowed


def test_the_previous_window_weighs_less_and_less(passes: Callable[[float], None]) -> None:
    storage = HereStorage()
    storage.take("caller", 100, 60, cost=100)

    passes(75)
    assert storage.take("caller", 100, 60, cost=0).window == Window(60, 100, 0, 45)
    assert storage.take("caller", 100, 60, cost=0).window.hits == 75
    passes(45)
    assert storage.take("caller", 100, 60, cost=0).window.hits == 0


def test_the_previous_window_weighs_less_and_less_in_redis_too() -> None:
    storage, caller = SharedStorage(address("TEST_REDIS_URL")), key()
    storage.take(caller, 100, 1, cost=100)

    def turned() -> Window | None:
        window = storage.take(caller, 100, 1, cost=0).window
        return window if window.previous else None

    window = until(turned, "the window turns", seconds=1.9)
    assert window.previous == 100 and window.current == 0
    assert window.hits == int(100 * window.ends_in)
    until(lambda: storage.take(caller, 100, 1, cost=100).allowed, "all are over", seconds=3)


def test_a_window_is_known_for_later(passes: Callable[[float], None]) -> None:
    storage = HereStorage()
    storage.take("caller", 100, 60, cost=80)
    passes(70)
    known = storage.take("caller", 100, 60, cost=10).window

    for seconds in (20, 40, 100):
        passes(seconds)
        now = storage.take("caller", 100, 60, cost=0).window
        assert known.after(seconds).hits == now.hits
        known = now


def test_it_says_when_one_more_is_free(passes: Callable[[float], None]) -> None:
    storage = HereStorage()
    storage.take("caller", 10, 60, cost=10)
    passes(61)
    storage.take("caller", 10, 60)
    refused = storage.take("caller", 10, 60)

    passes(refused.window.resets_in + 0.001)
    assert not refused.allowed and storage.take("caller", 10, 60).allowed


def test_hits_that_were_let_through_count_beyond_the_limit(passes: Callable[[float], None]) -> None:
    here = HereStorage()
    assert here.take("caller", 3, 60, cost=0, owed=5).window.hits == 5
    assert not here.take("caller", 3, 60).allowed

    shared, callers = SharedStorage(address("TEST_REDIS_URL")), [key(), key()]
    counted = shared.add([Hits(callers[0], 60, 5), Hits(callers[1], 60, 7)])
    assert [each.hits for each in counted] == [5, 7]
    assert not shared.take(callers[0], 3, 60).allowed


def test_hits_of_the_release_before_count_and_ours_count_in_it() -> None:
    url, caller = address("TEST_REDIS_URL"), key()
    before, now = RedisStorage(url), SharedStorage(url)

    assert before.acquire_sliding_window_entry(caller, 3, 60)
    assert now.take(caller, 3, 60).window.hits == 2
    assert before.acquire_sliding_window_entry(caller, 3, 60)
    assert not now.take(caller, 3, 60).allowed
    assert before.get_sliding_window(caller, 60)[2] == 3


def test_hits_in_redis_are_one_round_trip(sent_to_redis: list[bytes]) -> None:
    storage = SharedStorage(address("TEST_REDIS_URL"))
    storage.take(key(), 3, 60)  # it is connected from now on
    sent_to_redis.clear()

    assert storage.take(key(), 3, 60).window.hits == 1
    assert len(sent_to_redis) == 1
    taken = storage.take_all([Attempt(key(), 3, 60, 2), Attempt(key(), 3, 60, 4), Attempt(key(), 3, 60, 0)])
    assert [(each.allowed, each.window.hits) for each in taken] == [(True, 2), (False, 0), (True, 0)]
    assert len(sent_to_redis) == 2


def test_to_count_here_starts_no_thread() -> None:
    storage, before = HereStorage(), threading.active_count()

    for n in range(100):
        storage.take(f"caller {n}", 3, 60)

    assert threading.active_count() == before


def test_callers_whose_hits_are_over_are_forgotten(passes: Callable[[float], None]) -> None:
    storage = HereStorage()
    for n in range(100):
        storage.take(f"caller {n}", 3, 60)

    passes(60)
    storage.take("another", 3, 60)
    passes(60)
    storage.take("another", 3, 60)

    (turn,) = storage._turns.values()
    assert [*turn.previous, *turn.current] == ["another", "another"]


def test_more_callers_than_fit_end_the_window_and_still_count(
    passes: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "MAX_CALLERS", 10)
    storage = HereStorage()
    storage.take("caller", 100, 60, cost=100)

    for n in range(9):
        storage.take(f"caller {n}", 100, 60)
    passes(15)

    assert storage.take("caller", 100, 60).window == Window(60, 100, 1, 45)
    (turn,) = storage._turns.values()
    assert (len(turn.previous), len(turn.current)) == (10, 1)
