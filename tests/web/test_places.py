"""How many requests run at a time (app/runtime/places.py)."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest

from app.runtime import places
from app.runtime.places import MORE, Places
from tests.conftest import until

REQUESTS = 12


class Requests:
    """Requests that take a place, and end when they are told."""

    def __init__(self, at_once: int) -> None:
        self.running: list[int] = []
        self.max_running = 0
        self._places = Places(at_once)
        self._lock = threading.Lock()
        self._ends = [threading.Event() for _ in range(REQUESTS)]

    def run(self, number: int) -> None:
        self._places.take()
        with self._lock:
            self.running.append(number)
            self.max_running = max(self.max_running, len(self.running))
        self._ends[number].wait(60)
        with self._lock:
            self.running.remove(number)
        self._places.give_back()

    def end(self, *numbers: int) -> None:
        for number in numbers:
            self._ends[number].set()


@contextmanager
def begun(requests: Requests) -> Iterator[list[Future[None]]]:
    with ThreadPoolExecutor(REQUESTS) as pool:
        try:
            yield [pool.submit(requests.run, number) for number in range(REQUESTS)]
        finally:
            requests.end(*range(REQUESTS))


@pytest.mark.parametrize("at_once", [1, 3])
def test_short_requests_run_as_many_at_a_time_as_there_are_places(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SLOW", 60.0)
    requests = Requests(at_once)

    with begun(requests) as ended:
        until(lambda: len(requests.running) == at_once, "they have begun")
        requests.end(*range(REQUESTS))
        assert not wait(ended, 60).not_done

    assert requests.max_running == at_once


def test_slow_requests_let_others_begin_but_not_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SLOW", 0.001)
    requests = Requests(at_once=1)

    with begun(requests) as ended:
        for left in range(REQUESTS, MORE, -1):
            until(lambda: len(requests.running) == 1 + MORE, f"{1 + MORE} of {left} run")
            requests.end(requests.running[0])
        requests.end(*range(REQUESTS))
        assert not wait(ended, 60).not_done

    assert requests.max_running == 1 + MORE


def test_after_slow_requests_one_runs_at_a_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SLOW", 0.001)
    slow = Requests(at_once=1)
    with begun(slow):
        until(lambda: len(slow.running) == 1 + MORE, "more than one of them run")
    monkeypatch.setattr(places, "SLOW", 60.0)
    short = Requests(at_once=1)
    short._places = slow._places

    with begun(short) as ended:
        until(lambda: short.running, "one has begun")
        short.end(*range(REQUESTS))
        assert not wait(ended, 60).not_done

    assert short.max_running == 1


def test_who_waits_longest_is_next_and_who_comes_later_waits() -> None:
    places_of_one = Places(at_once=1)
    began: list[int] = []

    def run(number: int) -> None:
        places_of_one.take()
        began.append(number)
        places_of_one.give_back()

    places_of_one.take()
    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            pool.submit(run, number)
            until(lambda number=number: len(places_of_one._waiting) == number + 1, "it waits")  # type: ignore[misc]
        places_of_one.give_back()
        run(3)

    assert began == [0, 1, 2, 3]
