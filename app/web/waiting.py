"""Long polling (`?wait=`, `Prefer: wait=`): requests wait for a change without occupying every thread."""

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
LOOK_AGAIN = 1.0  # seconds between looks, even without a notification
LOOK_ELSEWHERE = 0.1  # seconds, if another process runs the bus: its commits do not notify this process
PREFER_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?=[,;]|$)', re.IGNORECASE)


class Seats:
    """Limits how many requests may wait at once in this process: a quarter of its threads, at least one."""

    def __init__(self, threads: int, look_again: float = LOOK_AGAIN) -> None:
        self.maximum = max(1, threads // 4)
        self.look_again = look_again
        self.closed = False
        self._taken = 0
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take a seat. Returns False when all are taken: the request is then answered at once."""
        with self._lock:
            if self.closed or self._taken >= self.maximum:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Release a seat. Call it once for each that was taken."""
        with self._lock:
            self._taken -= 1


class ChangeNotifier:
    """Wakes the waiting requests when this process has committed something to a module's database."""

    def __init__(self, database: Database) -> None:
        self._changed = threading.Condition()
        self.count = 0
        database.on_notification(self._wake_all, "change")

    def wait(self, seen: int, seconds: float) -> None:
        """Return when `count` differs from `seen`, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)

    def _wake_all(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()


def end_waiting(app: Flask) -> None:
    """End all waiting, because the process ends: waiting requests are answered within LOOK_AGAIN, new ones at once."""
    _seats(app).closed = True


def wait_for_change(
    changes: ChangeNotifier, look: Callable[[], T], version: Callable[[T], int], seen: int | None, wait: int | None
) -> T:
    """Return the result of `look` as soon as its version differs from `seen`, or when the time is up.

    `seen` is None: wait for a change of the current version. `wait`: the seconds of ?wait=, or None to use those of
    the Prefer header, if any. Each look is its own transaction.
    """
    found = look()
    seen = version(found) if seen is None else seen
    seconds = min(_preferred() if wait is None else wait, MAX_WAIT)
    if not seconds or version(found) != seen:
        return found
    seats = _seats(current_app)
    if not seats.take():
        return found
    began = time.monotonic()
    try:
        deadline = began + seconds
        while True:
            counted = changes.count  # read before looking, so that a later commit ends the wait
            found = look()
            left = deadline - time.monotonic()
            if version(found) != seen or left <= 0 or seats.closed:
                return found
            changes.wait(counted, min(left, seats.look_again))
    finally:
        seats.give_back()
        g.waited = time.monotonic() - began


def _preferred() -> int:
    """The seconds of `Prefer: wait=N`; 0 if the header is absent or malformed."""
    requested = PREFER_WAIT.search(request.headers.get("Prefer", ""))
    return int(requested[1]) if requested else 0


def _seats(app: Flask) -> Seats:
    """The seats that all modules of this process share, as they share its threads."""
    settings: Settings = app.extensions["quartet_settings"]
    look_again = LOOK_ELSEWHERE if settings.kafka_servers else LOOK_AGAIN
    seats: Seats = app.extensions.setdefault("quartet_seats", Seats(settings.threads, look_again))
    return seats
