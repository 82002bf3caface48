"""Waiting for something to change (`?wait=`, `Prefer: wait=`), without polling and without taking every thread."""

import re
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, g, request

from app.config.settings import Settings
from app.kernel.database import Database

T = TypeVar("T")

MAX_WAIT = 30  # seconds
LOOK_AGAIN = 1.0  # seconds; the safety net
LOOK_ELSEWHERE = 0.1  # seconds, where another process carries the bus: what that commits wakes nobody here
PREFER_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)', re.IGNORECASE)


class Seats:
    """How many may wait at once in this process: a quarter of its threads, one at least."""

    def __init__(self, threads: int, look_again: float = LOOK_AGAIN) -> None:
        self.maximum = max(1, threads // 4)
        self.look_again = look_again
        self.closed = False
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """False when all are taken: the request is then answered at once."""
        with self._lock:
            if self.closed or self._taken >= self.maximum:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Once for each that was taken."""
        with self._lock:
            self._taken -= 1


class ChangeNotifier:
    """Wakes who waits when a module's database has committed something, in this process."""

    def __init__(self, database: Database) -> None:
        self._changed = threading.Condition()
        self.count = 0
        database.on_notification(self._wake_all, "change")

    def wait(self, seen: int, seconds: float) -> None:
        """Return when `count` has left `seen` behind, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)

    def _wake_all(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()


def end_waiting(app: Flask) -> None:
    """The process is to end: whoever waits is answered within LOOK_AGAIN, and nobody waits any more."""
    _seats(app).closed = True


def wait_for_change(
    changes: ChangeNotifier, look: Callable[[], T], version: Callable[[T], int], seen: int | None, asked: int | None
) -> T:
    """What `look` finds, as soon as its version is not `seen` (None: the one it has now), or when the time is up.

    `asked` are the seconds of ?wait=; None: those of the Prefer header, if any. Each look is a transaction of its own.
    """
    found = look()
    seen = version(found) if seen is None else seen
    seconds = min(_preferred() if asked is None else asked, MAX_WAIT)
    if not seconds or version(found) != seen:
        return found
    seats = _seats(current_app)
    if not seats.take():
        return found
    began = time.monotonic()
    try:
        deadline = began + seconds
        while True:
            counted = changes.count  # before looking: what is committed after it wakes us
            found = look()
            left = deadline - time.monotonic()
            if version(found) != seen or left <= 0 or seats.closed:
                return found
            changes.wait(counted, min(left, seats.look_again))
    finally:
        seats.give_back()
        g.waited = time.monotonic() - began


def _preferred() -> int:
    """The seconds of `Prefer: wait=N`; what cannot be read asks for nothing."""
    requested = PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return int(requested[1]) if requested else 0


def _seats(app: Flask) -> Seats:
    """One lot for all modules of this process: they share its threads."""
    settings: Settings = app.extensions["quartet_settings"]
    look_again = LOOK_ELSEWHERE if settings.kafka_servers else LOOK_AGAIN
    seats: Seats = app.extensions.setdefault("quartet_seats", Seats(settings.threads, look_again))
    return seats
