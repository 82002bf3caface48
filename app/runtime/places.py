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
        self._at_once = self._allowed = at_once
        self._running = self._waiting = 0
        self._freed = threading.Condition()
        self._wanted = threading.Event()
        self._changed = time.monotonic()
        threading.Thread(target=self._watch, name="places", daemon=True).start()

    def take(self) -> None:
        """Wait for a place."""
        with self._freed:
            if self._running >= self._allowed:
                self._waiting += 1
                self._wanted.set()
                while self._running >= self._allowed:
                    self._freed.wait()
                self._waiting -= 1
            self._running += 1
            self._changed = time.monotonic()

    def give_back(self) -> None:
        """Free a place, or remove it if it was added."""
        with self._freed:
            self._running -= 1
            self._allowed = max(self._at_once, self._allowed - 1)
            self._changed = time.monotonic()
            if self._running < self._allowed:
                self._freed.notify()

    def _watch(self) -> None:
        """Add a place when requests wait and none has begun or ended for SLOW seconds.

        One thread does so for all requests: the waiting of a thousand must cost nothing.
        """
        while True:
            self._wanted.wait()
            time.sleep(SLOW)
            with self._freed:
                all_taken = self._running >= self._allowed
                if not self._waiting:
                    self._wanted.clear()
                elif all_taken and self._allowed < self._at_once + MORE and time.monotonic() - self._changed >= SLOW:
                    self._allowed += 1
                    self._changed = time.monotonic()
                    self._freed.notify()
