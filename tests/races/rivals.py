"""Two competing requests on PostgreSQL: the second is made between any two statements of the first."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from app.kernel.database import Database
from tests.shop import Shop

Ask = Callable[[], TestResponse]
Check = Callable[[TestResponse, TestResponse], object]
WAIT_FOR_A_LOCK = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@dataclass(frozen=True)
class Race:
    """The two requests of one attempt, and the check of their responses."""

    first: Ask
    second: Ask
    check: Check


@dataclass(frozen=True)
class Meeting:
    """A race in a module; `make` gets a new number for each attempt."""

    name: str
    module: str
    routes: tuple[str, ...]
    make: Callable[[Shop, int], Race]


MEETINGS: list[Meeting] = []


def race(*routes: str, module: str = "") -> Callable[[Callable[[Shop, int], Race]], Callable[[Shop, int], Race]]:
    """Register a race of these routes. `module` is by default the name of the file."""

    def known(make: Callable[[Shop, int], Race]) -> Callable[[Shop, int], Race]:
        name = f"{module} {getattr(make, 'func', make).__name__}".strip()
        MEETINGS.append(Meeting(name, module or make.__module__.rpartition(".")[2], routes, make))
        return make

    return known


def run(shop: Shop, meeting: Meeting, numbers: Iterator[int]) -> int:
    """Run the race at every place, until the second request has to wait for the first. Returns the number of places."""
    tries, database = 0, shop.modules[meeting.module].database
    while True:
        it = meeting.make(shop, next(numbers))
        with coming_between(database, it.second, tries) as met:
            first = it.first()
        second = met.answer if met.came else it.second()
        for answer in (first, second):
            assert answer.status_code < 500, (tries, answer.text)
        it.check(first, second)
        tries += 1
        if not met.came or met.waited:
            return tries


class Met:
    """The outcome of the second request."""

    def __init__(self) -> None:
        self.came = self.waited = False
        self.answer: Any = None


@contextmanager
def coming_between(database: Database, second: Ask, place: int) -> Iterator[Met]:
    """Make the second request before the statement number `place` of this thread. The thread continues when that
    request is answered or waits for a lock."""
    met, thread, count = Met(), threading.get_ident(), 0
    asking = threading.Thread(target=lambda: setattr(met, "answer", second()))

    def before(*_: Any) -> None:
        nonlocal count
        if threading.get_ident() != thread or met.came:
            return
        if count == place:
            met.came = True
            asking.start()
            met.waited = waits(database, asking)
        count += 1

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield met
    finally:
        for engine in database.engines:
            event.remove(engine, "before_cursor_execute", before)
        if met.came:
            asking.join()


def waits(database: Database, asking: threading.Thread) -> bool:
    """Whether the second request waits for a lock before it is answered."""
    apart = create_engine(database.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with apart.connect() as connection:
        while asking.is_alive():
            if connection.execute(WAIT_FOR_A_LOCK).scalar_one():
                return True
            time.sleep(0.002)
    return False


def statuses(first: TestResponse, second: TestResponse) -> list[int]:
    return sorted((first.status_code, second.status_code))


def one_wins(first: TestResponse, second: TestResponse) -> None:
    """One request succeeds, and the other is answered with 412."""
    better, worse = sorted((first, second), key=lambda answer: answer.status_code)
    assert (better.status_code in {200, 204}, worse.status_code) == (True, 412), (first.text, second.text)


def refused(*codes: str) -> Check:
    """One request succeeds, and the other is refused with one of these codes."""

    def check(first: TestResponse, second: TestResponse) -> None:
        better, worse = sorted((first, second), key=lambda answer: answer.status_code)
        assert better.status_code in {200, 201, 204}, better.text
        problem: Any = worse.json
        assert problem["code"] in codes, worse.text

    return check
