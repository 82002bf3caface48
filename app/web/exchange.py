"""Counts hits in this process, and exchanges them for the totals of all processes some times a second."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

from app.web.windows import Hits, Taken, Window

INTERVAL = 0.1  # seconds between two exchanges
MAX_CALLERS = 10_000  # whose totals are kept, some 4 MB


class Caller:
    """What is known of a caller: the window that the last exchange returned, and the hits that it does not include."""

    def __init__(self, key: str, length: int) -> None:
        self.key = key
        self.unsent = 0
        self.sending = 0
        self._known, self._known_at = Window(length, 0, 0, length), time.monotonic()

    @property
    def window(self) -> Window:
        """The hits that are known of now."""
        known = self._known.after(time.monotonic() - self._known_at)
        return known._replace(current=known.current + self.sending + self.unsent)

    def begin_exchange(self) -> Hits:
        """The unsent hits, which count as being sent from now on."""
        self.sending, self.unsent = self.unsent, 0
        return Hits(self.key, self._known.length, self.sending)

    def end_exchange(self, window: Window) -> None:
        """`window` includes what was sent."""
        self._known, self._known_at, self.sending = window, time.monotonic(), 0


class Exchange:
    """Lets hits through by the totals of the last exchange, without waiting for anything but a lock.

    Of one caller, each process lets through at most what comes between two exchanges beyond the limit: it learns of
    the hits in other processes with the exchange of its own next hit. These hits count like all others, so they are
    missing from the following windows.
    """

    def __init__(self, send: Callable[[Sequence[Hits]], Sequence[Window]]) -> None:
        """`send` counts hits in any case, and returns the window of each; it is called in a thread of its own."""
        self._send = send
        self._lock = Lock()
        self._callers: OrderedDict[str, Caller] = OrderedDict()  # those with the latest exchange last
        self._due: list[Caller] = []
        self._is_due = Event()
        self._thread: Thread | None = None

    def take(self, key: str, limit: int, length: int, cost: int) -> Taken:
        """Count `cost` hits unless that would exceed the limit, as far as this process knows."""
        with self._lock:
            caller = self._callers.get(key)
            if caller is None:
                caller = self._callers[key] = Caller(key, length)
            window = caller.window
            if window.hits + cost > limit:
                return Taken(False, window)
            if not caller.unsent:
                self._is_sent_soon(caller)
            caller.unsent += cost
        return Taken(True, window._replace(current=window.current + cost))

    def _is_sent_soon(self, caller: Caller) -> None:
        self._due.append(caller)
        self._is_due.set()
        if self._thread is None or not self._thread.is_alive():  # a fork takes no thread along
            self._thread = Thread(target=self._run, name="limits", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            self._is_due.wait()
            time.sleep(INTERVAL)
            self._exchange()

    def _exchange(self) -> None:
        with self._lock:
            self._is_due.clear()
            due, self._due = self._due, []
            sent = [caller.begin_exchange() for caller in due]
        windows = self._send(sent)
        with self._lock:
            for caller, window in zip(due, windows, strict=True):
                caller.end_exchange(window)
                self._callers[caller.key] = caller
                self._callers.move_to_end(caller.key)
            while len(self._callers) > MAX_CALLERS:
                self._callers.popitem(last=False)
