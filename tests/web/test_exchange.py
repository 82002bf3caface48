"""Hits that are counted in the process, and exchanged with others some times a second."""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from app.web import exchange
from app.web.exchange import Exchange
from app.web.windows import HereStorage, Hits, Window
from tests.conftest import until

LIMIT, LENGTH = 100, 3600


class Shared:
    """Stands for Redis: counts what several processes send, and may hang."""

    def __init__(self) -> None:
        self.sent: list[list[Hits]] = []
        self.answers = threading.Event()
        self.answers.set()
        self._storage = HereStorage()

    def count(self, hits: Sequence[Hits]) -> list[Window]:
        self.sent.append(list(hits))
        assert self.answers.wait(10)
        return [self._storage.take(each.key, 0, each.length, cost=0, owed=each.number).window for each in hits]


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """The counters of all processes; what they exchange is sent at once."""
    monkeypatch.setattr(exchange, "INTERVAL", 0.01)
    some = Shared()
    yield some
    some.answers.set()


def allowed(process: Exchange, times: int, who: str = "caller") -> int:
    """Send so many hits. Returns how many were let through."""
    return sum(process.take(who, LIMIT, LENGTH, 1).allowed for _ in range(times))


def test_alone_a_process_lets_through_what_the_limit_is(shared: Shared) -> None:
    assert allowed(Exchange(shared.count), 250) == LIMIT


def test_what_is_left_is_known_at_once(shared: Shared) -> None:
    process = Exchange(shared.count)

    assert [process.take("caller", LIMIT, LENGTH, 1).window.hits for _ in range(3)] == [1, 2, 3]
    assert process.take("caller", LIMIT, LENGTH, 5).window.hits == 8


def test_hits_of_several_callers_are_sent_together(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "INTERVAL", 0.3)
    process = Exchange(shared.count)

    allowed(process, 3, "one")
    allowed(process, 4, "other")
    until(lambda: shared.sent, "they are sent")

    assert shared.sent == [[Hits("one", LENGTH, 3), Hits("other", LENGTH, 4)]]


def test_nothing_is_sent_while_nobody_calls(shared: Shared) -> None:
    process = Exchange(shared.count)
    allowed(process, 1)
    until(lambda: shared.sent, "it is sent")

    time.sleep(0.1)

    assert len(shared.sent) == 1


def test_what_others_have_let_through_counts_from_the_next_exchange_on(shared: Shared) -> None:
    one, other = Exchange(shared.count), Exchange(shared.count)
    allowed(one, 90)
    until(lambda: len(shared.sent) == 1, "one has sent its hits")

    assert allowed(other, 1) == 1
    until(lambda: other.take("caller", LIMIT, LENGTH, 0).window.hits == 91, "the other learns of them")

    assert allowed(other, 50) == 9


def test_what_was_too_many_counts_as_well(shared: Shared) -> None:
    """Each lets the whole limit through before it learns of the other; then both know of twice the limit."""
    one, other = Exchange(shared.count), Exchange(shared.count)
    shared.answers.clear()
    assert [allowed(one, 150), allowed(other, 150)] == [LIMIT, LIMIT]

    shared.answers.set()
    for process in (one, other):
        until(lambda: process.take("caller", 1000, LENGTH, 0).window.hits == 2 * LIMIT, "it learns")  # noqa: B023

    assert [allowed(one, 50), allowed(other, 50)] == [0, 0]


def test_a_hit_does_not_wait_for_an_exchange(shared: Shared) -> None:
    process = Exchange(shared.count)
    shared.answers.clear()
    allowed(process, 1)
    until(lambda: shared.sent, "the exchange hangs")

    assert allowed(process, 150) == LIMIT - 1, "what is being sent counts"
    assert not shared.answers.is_set()


def test_the_thread_is_started_by_the_process_that_counts(shared: Shared) -> None:
    before = threading.active_count()
    process = Exchange(shared.count)
    assert threading.active_count() == before

    allowed(process, 5)

    assert threading.active_count() == before + 1


def test_the_callers_that_are_known_are_bounded(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MAX_CALLERS", 10)
    process = Exchange(shared.count)

    for n in range(50):
        allowed(process, 1, f"caller {n}")
    until(lambda: sum(len(each) for each in shared.sent) == 50, "all are sent")
    until(lambda: len(process._callers) == 10, "the oldest are forgotten")

    assert f"caller {49}" in process._callers
