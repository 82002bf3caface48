"""How many requests of one process run at a time."""

import threading
import time
from collections import deque

SLOW = 0.02  # seconds
MORE = 3  # requests that may run besides those of THREADS


class Places:
    """`at_once` requests run at a time. When none has begun or ended for SLOW seconds, another may, up to MORE of them.

    The threads of a process hand the interpreter's lock to each other whenever a statement of the database runs, which
    takes longer than it gains while requests are short (decision 92). Those that take long hold up nobody.

    Who waits longest is next: a freed place is handed over, and nobody who comes meanwhile can take it.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = self._allowed = at_once
        self._running = 0
        self._waiting: deque[threading.Lock] = deque()  # of each, a lock that is held until it has a place
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._changed = time.monotonic()
        threading.Thread(target=self._watch, name="places", daemon=True).start()

    def take(self) -> None:
        """Wait for a place."""
        turn = threading.Lock()
        with self._lock:
            if self._running < self._allowed:
                self._running += 1
                self._changed = time.monotonic()
                return
            turn.acquire()
            self._waiting.append(turn)
            self._wanted.set()
        turn.acquire()

    def give_back(self) -> None:
        """Free a place, or remove it if it was added."""
        with self._lock:
            self._running -= 1
            self._allowed = max(self._at_once, self._allowed - 1)
            self._changed = time.monotonic()
            self._let_in()

    def _let_in(self) -> None:
        if self._waiting and self._running < self._allowed:
            self._running += 1
            self._waiting.popleft().release()

    def _watch(self) -> None:
        """Add a place when requests wait and none has begun or ended for SLOW seconds.

        One thread does so for all requests: the waiting of a thousand must cost nothing.
        """
        while True:
            self._wanted.wait()
            time.sleep(SLOW)
            with self._lock:
                if not self._waiting:
                    self._wanted.clear()
                elif self._allowed < self._at_once + MORE and time.monotonic() - self._changed >= SLOW:
                    self._allowed += 1
                    self._changed = time.monotonic()
                    self._let_in()
