"""How many requests of one process run at a time."""

import threading
import time

SLOW = 0.02  # seconds
MORE = 3  # requests that may run besides those of THREADS


class Places:
    """`at_once` requests run at a time. When none has begun or ended for SLOW seconds, another may, up to MORE of them.

    The threads of a process hand the interpreter's lock to each other whenever a statement of the database runs, which
    takes longer than it gains while requests are short (decision 92). Those that take long hold up nobody.
    """

    def __init__(self, at_once: int) -> None:
        self._free = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._more = 0
        self._changed = time.monotonic()

    def take(self) -> None:
        """Wait for a place."""
        while not self._free.acquire(timeout=SLOW):
            if self._may_begin():
                return
        self._changed = time.monotonic()

    def give_back(self) -> None:
        """Free a place: one of those besides, if there are any."""
        with self._lock:
            self._changed = time.monotonic()
            if self._more:
                self._more -= 1
                return
        self._free.release()

    def _may_begin(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._more == MORE or now - self._changed < SLOW:
                return False
            self._more += 1
            self._changed = now
            return True
