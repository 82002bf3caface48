"""Counts the hits of rate limits: in Redis for all processes, or in this process while Redis does not answer."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem
from limits.strategies import RateLimiter
from limits.util import WindowStats
from prometheus_client import Counter
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

from app.kernel.breaker import Breaker

T = TypeVar("T")
STRATEGY = "sliding-window-counter"
TIMEOUT = 0.25  # seconds to connect to Redis, and for it to answer
PAUSE = 2.0  # seconds between attempts while it does not answer

FALLBACKS = Counter("quartet_limits_fallback_total", "Hits counted in the process because Redis did not answer")


class Counts:
    """Counts in Redis if it is configured and answers, otherwise in memory: a hit is always counted somewhere."""

    def __init__(self, redis_url: str) -> None:
        self._here = _strategy("memory://")
        self._counting = Lock()  # the in-memory storage starts a timer, and fails if two threads start it at once
        self._shared = _strategy(redis_url) if redis_url else None
        self._redis = Breaker("Redis", PAUSE)

    def hit(self, limit: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Count one hit, or `cost` hits. Returns False, and counts nothing, where that would exceed the limit."""
        return self._where_it_can(lambda strategy: strategy.hit(limit, *who, cost=cost))

    def left(self, limit: RateLimitItem, *who: str) -> WindowStats:
        """The remaining hits, and when the window ends (seconds since 1970)."""
        return self._where_it_can(lambda strategy: strategy.get_window_stats(limit, *who))

    def trouble(self) -> str | None:
        """A sentence while Redis does not answer. It is pinged, because there may be no traffic that would notice."""
        if self._shared is not None and self._redis.allows():
            if self._shared.storage.check():
                self._redis.worked()
            else:
                self._redis.failed(ConnectionError("no answer to a ping"))
        return "Redis does not answer: each process counts rate limits for itself" if self._redis.is_open else None

    def _where_it_can(self, ask: Callable[[RateLimiter], T]) -> T:
        if self._shared is None or not self._redis.allows():
            return self._ask_here(ask)
        try:
            answer = ask(self._shared)
        except RedisError as error:
            FALLBACKS.inc()
            self._redis.failed(error)
            return self._ask_here(ask)
        self._redis.worked()
        return answer

    def _ask_here(self, ask: Callable[[RateLimiter], T]) -> T:
        with self._counting:
            return ask(self._here)


def _strategy(uri: str) -> RateLimiter:
    """Let flask-limiter build storage and strategy, without its request hooks. It does not connect yet."""
    options = {}
    if not uri.startswith("memory:"):
        again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))  # it has restarted; timeouts are not retried
        options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": again}
    limiter = Limiter(lambda: "", storage_uri=uri, storage_options=options, strategy=STRATEGY)  # type: ignore[arg-type]
    limiter.init_app(Flask("limits"))
    return limiter.limiter
