"""Counters of rate limits by window, as storages that flask-limiter builds: in this process, or in Redis.

A caller has two counters: the hits of the current window, and those of the previous one, which weigh less as the
current window passes. Both storages return the window with each hit, so that nobody asks again what is left.
"""

import time
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from limits.storage import RedisStorage, SlidingWindowCounterSupport, Storage

if TYPE_CHECKING:
    from redis import Redis

MAX_CALLERS = 100_000  # per window, some 15 MB

# KEYS: the previous and the current window. ARGV: the limit, the seconds of a window, the hits to count within the
# limit, and the hits to count in any case. The current window lives for two lengths, and is renamed after the first.
TAKE = """
local limit, length, cost, owed = tonumber(ARGV[1]), ARGV[2] * 1000, tonumber(ARGV[3]), tonumber(ARGV[4])
local ttl = redis.call('pttl', KEYS[2])
if ttl > 0 and ttl < length then
    ttl = ttl + length
    redis.call('rename', KEYS[2], KEYS[1])
    redis.call('set', KEYS[2], 0, 'PX', ttl)
end
local is_new = ttl <= 0
if is_new then
    ttl = length * 2
end
local previous = tonumber(redis.call('get', KEYS[1]) or 0)
local current = tonumber(redis.call('get', KEYS[2]) or 0)
local hits = math.floor(previous * (ttl - length) / length) + current + owed
local allowed = hits + cost <= limit
local counted = owed + (allowed and cost or 0)
if counted > 0 and is_new then
    redis.call('set', KEYS[2], counted, 'PX', ttl)
elseif counted > 0 then
    redis.call('incrby', KEYS[2], counted)
end
return {allowed and 1 or 0, previous, current + counted, ttl - length}
"""


class Window(NamedTuple):
    """The hits of one caller at one moment; `ends_in`: seconds until the current window becomes the previous one."""

    length: int  # seconds
    previous: int
    current: int
    ends_in: float

    @property
    def hits(self) -> int:
        """The hits that count against the limit."""
        return int(self.previous * self.ends_in / self.length) + self.current

    @property
    def resets_in(self) -> float:
        """Seconds until fewer hits count than now; 0 if none do."""
        if not self.previous:
            return self.ends_in if self.current else 0.0
        return self.ends_in % (self.length / self.previous)

    def after(self, seconds: float) -> "Window":
        """The same hits so many seconds later."""
        if seconds < self.ends_in:
            return self._replace(ends_in=self.ends_in - seconds)
        if seconds < self.ends_in + self.length:
            return Window(self.length, self.current, 0, self.ends_in + self.length - seconds)
        return Window(self.length, 0, 0, self.length)


class Taken(NamedTuple):
    """Whether hits were within the limit, and the window after they were counted, or not counted."""

    allowed: bool
    window: Window


class Attempt(NamedTuple):
    """Hits of one caller that are counted unless they would exceed the limit."""

    key: str
    limit: int
    length: int  # seconds of the window
    cost: int


class Hits(NamedTuple):
    """Hits of one caller that were let through, and are to be counted in any case."""

    key: str
    length: int  # seconds of the window
    number: int


class Turn:
    """The counters of all callers in one window and in the one before it."""

    def __init__(self, number: float, previous: dict[str, int]) -> None:
        self.number = number
        self.previous = previous
        self.current: dict[str, int] = {}


class HereStorage(Storage, SlidingWindowCounterSupport):
    """Counts in this process: a dictionary per window, which is dropped as a whole when its hits no longer count.

    No thread looks for what has expired, unlike that of MemoryStorage, which walks over all callers up to a hundred
    times a second. At most MAX_CALLERS are counted in one window: the next hit ends it for all, so that the hits in it
    weigh less from then on, and those of the window before are forgotten.
    """

    STORAGE_SCHEME = ["here"]  # noqa: RUF012 — a list in limits, too

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._turns: dict[int, Turn] = {}  # by the length of their windows
        self._lock = Lock()

    def take(self, key: str, limit: int, length: int, cost: int = 1, owed: int = 0) -> Taken:
        """Count `owed` hits in any case, and `cost` hits unless that would exceed the limit."""
        with self._lock:
            number, passed = divmod(time.monotonic(), length)
            turn = self._turn(length, number)
            window = Window(length, turn.previous.get(key, 0), turn.current.get(key, 0) + owed, length - passed)
            allowed = window.hits + cost <= limit
            if allowed and cost:
                window = window._replace(current=window.current + cost)
            if owed or (allowed and cost):
                turn.current[key] = window.current
        return Taken(allowed, window)

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        return self.take(key, limit, expiry, amount).allowed

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        window = self.take(key, 0, expiry, 0).window
        return window.previous, window.ends_in, window.current, window.ends_in + expiry

    def check(self) -> bool:
        return True

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def _turn(self, length: int, number: float) -> Turn:
        turn = self._turns.get(length)
        if turn is None or turn.number != number or len(turn.current) >= MAX_CALLERS:
            previous = turn.current if turn and number - turn.number <= 1 else {}
            turn = self._turns[length] = Turn(number, previous)
        return turn

    def _unused(self, *_: Any, **__: Any) -> Any:
        """Part of a storage's interface, but not of what sliding windows use."""
        raise NotImplementedError

    incr = get = get_expiry = reset = clear = clear_sliding_window = _unused


class SharedStorage(RedisStorage):
    """Counts in Redis, by one round trip for each hit; names and values are those of RedisStorage."""

    STORAGE_SCHEME = ["redis", "rediss"]  # noqa: RUF012 — replaces RedisStorage, which flask-limiter would build

    def initialize_storage(self, uri: str) -> None:
        super().initialize_storage(uri)
        self._client: Redis = self.get_connection()  # type: ignore[assignment]  # or a cluster's

    def take(self, key: str, limit: int, length: int, cost: int = 1) -> Taken:
        """Count `cost` hits unless that would exceed the limit. Raises RedisError."""
        return self.take_all([Attempt(key, limit, length, cost)])[0]

    def take_all(self, attempts: Sequence[Attempt]) -> list[Taken]:
        """The same for several limits, in one round trip. Raises RedisError."""
        return self._run([(each.key, each.limit, each.length, each.cost, 0) for each in attempts])

    def add(self, sent: Sequence[Hits]) -> list[Window]:
        """Count all of these in any case, in one round trip. Returns the window of each. Raises RedisError."""
        return [each.window for each in self._run([(hits.key, 0, hits.length, 0, hits.number) for hits in sent])]

    def _run(self, calls: Sequence[tuple[str, int, int, int, int]]) -> list[Taken]:
        """Run the script with its text: whether Redis has it by its hash would be a round trip more."""
        pipeline = self._client.pipeline(transaction=False)
        for key, *arguments in calls:
            pipeline.eval(TAKE, 2, *self._keys(key), *arguments)
        return [_taken(found, length) for found, (_, _, length, _, _) in zip(pipeline.execute(), calls, strict=True)]

    def _keys(self, key: str) -> list[str]:
        return [self.prefixed_key(self._previous_window_key(key)), self.prefixed_key(self._current_window_key(key))]


def _taken(found: list[int], length: int) -> Taken:
    allowed, previous, current, milliseconds = found
    return Taken(bool(allowed), Window(length, previous, current, milliseconds / 1000))
