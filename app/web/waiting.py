"""Long polling (`?wait=`, `Prefer: wait=`): a request that waits for a change keeps a thread, and none of the places
of those that run.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask, Response, after_this_request, current_app, g, request

from app.config.settings import Settings
from app.kernel.database import Database
from app.kernel.places import leave_place

T = TypeVar("T")

MAX_WAIT = 30  # seconds
LOOK_AGAIN = 1.0  # seconds between looks without a notification, at most
LOOK_ELSEWHERE = 0.25  # seconds before the first such look, doubled from look to look, where other hosts may commit
MAX_SEATS = 256  # of one process with threads of its own for them
SHARE = 8  # a caller may have one of so many seats, at least one
RETRY_AFTER = "1"  # seconds, for a request that finds no seat
PREFER_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)', re.IGNORECASE)


class Seats:
    """Limits how many requests may wait at once in this process, in all and of one caller."""

    def __init__(self, maximum: int, first_look: float = LOOK_AGAIN) -> None:
        self.maximum = maximum
        self.first_look = first_look
        self.closed = False
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, caller: str) -> bool:
        """Take a seat. Returns False when this caller has its share, or all are taken."""
        with self._lock:
            share = max(1, self.maximum // SHARE)
            if self.closed or self._taken[caller] >= share or self._taken.total() >= self.maximum:
                return False
            self._taken[caller] += 1
            return True

    def give_back(self, caller: str) -> None:
        """Release a seat. Call it once for each that was taken."""
        with self._lock:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]


class ChangeNotifier:
    """Wakes the requests that wait for a change of a key, after a commit of this process or of another on this host."""

    def __init__(self, database: Database) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[threading.Event]] = {}
        database.listeners.on_change(self._wake)

    @contextmanager
    def watch(self, key: str) -> Iterator[threading.Event]:
        """Yields an event that is set after each commit that changed the key, for as long as the block lasts."""
        changed = threading.Event()
        with self._lock:
            self._waiting.setdefault(key, set()).add(changed)
        try:
            yield changed
        finally:
            with self._lock:
                self._waiting[key].discard(changed)
                if not self._waiting[key]:
                    del self._waiting[key]

    def _wake(self, keys: AbstractSet[str]) -> None:
        with self._lock:
            for key in keys & self._waiting.keys():
                for changed in self._waiting[key]:
                    changed.set()


def use_own_threads(app: Flask) -> None:
    """Let MAX_SEATS requests wait: the server has a thread for each besides those that run."""
    _seats(app).maximum = MAX_SEATS


def end_waiting(app: Flask) -> None:
    """End all waiting, because the process ends: waiting requests are answered within LOOK_AGAIN, new ones at once."""
    _seats(app).closed = True


def wait_for_change(
    changes: ChangeNotifier,
    key: str,
    caller: str,
    look: Callable[[], T],
    version: Callable[[T], int],
    seen: int | None,
    wait: int | None,
) -> T:
    """Return the result of `look` as soon as its version differs from `seen`, or when the time is up.

    `key`: what the client waits for. `seen` is None: wait for a change of the current version. `wait`: the seconds of
    ?wait=, or None to use those of the Prefer header, if any. Each look is its own transaction. A request that finds no
    seat is answered at once, with Retry-After.
    """
    found = look()
    seen = version(found) if seen is None else seen
    seconds = min(_preferred() if wait is None else wait, MAX_WAIT)
    if not seconds or version(found) != seen:
        return found
    seats = _seats(current_app)
    if not seats.take(caller):
        after_this_request(_retry_later)
        return found
    began = time.monotonic()
    try:
        deadline = began + seconds
        pause = seats.first_look
        with changes.watch(key) as changed:
            while True:
                changed.clear()  # before looking, so that a later commit ends the wait
                found = look()
                left = deadline - time.monotonic()
                if version(found) != seen or left <= 0 or seats.closed:
                    return found
                with leave_place():
                    changed.wait(min(left, pause))
                pause = min(2 * pause, LOOK_AGAIN)
    finally:
        seats.give_back(caller)
        g.waited = time.monotonic() - began


def _retry_later(answer: Response) -> Response:
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _preferred() -> int:
    """The seconds of `Prefer: wait=N`; 0 if the header is absent or malformed."""
    requested = PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return int(requested[1]) if requested else 0


def _seats(app: Flask) -> Seats:
    """The seats that the modules of this process share: a quarter of its threads, unless the server has more."""
    settings: Settings = app.extensions["quartet_settings"]
    first_look = LOOK_ELSEWHERE if settings.kafka_servers else LOOK_AGAIN
    seats: Seats = app.extensions.setdefault("quartet_seats", Seats(max(1, settings.threads // 4), first_look))
    return seats
