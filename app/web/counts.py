"""Where the hits of rate limits are counted: in Redis for all processes; while that is away or hangs, here."""

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
TIMEOUT = 0.25  # seconds for Redis to be reached, and to answer
PAUSE = 2.0  # seconds between tries while it does not

FALLBACKS = Counter("quartet_limits_fallback_total", "How often Redis was found away, and limits counted by process")


class Counts:
    """Counts in Redis, if there is one; never not at all."""

    def __init__(self, redis_url: str) -> None:
        self._here = _strategy("memory://")
        self._counting = Lock()  # counts that are kept here start a timer, and two who start the same one fail
        self._shared = _strategy(redis_url) if redis_url else None
        self._redis = Breaker("Redis", PAUSE)

    def hit(self, limit: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Count one, or `cost`; False, and nothing counted, where that is over the limit."""
        return self._where_it_can(lambda strategy: strategy.hit(limit, *who, cost=cost))

    def left(self, limit: RateLimitItem, *who: str) -> WindowStats:
        """What is left, and when the window is over (seconds since 1970)."""
        return self._where_it_can(lambda strategy: strategy.get_window_stats(limit, *who))

    def trouble(self) -> str | None:
        """A sentence while Redis is away: asked, as there may be nobody else who would find out."""
        if self._shared is not None and self._redis.allows():
            if self._shared.storage.check():
                self._redis.worked()
            else:
                self._redis.failed(ConnectionError("no answer to a ping"))
        return "Redis does not answer: each process limits by itself" if self._redis.is_open else None

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
    """flask-limiter builds storage and strategy; its hooks stay off our requests. Nothing is connected yet."""
    options = {}
    if not uri.startswith("memory:"):
        again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))  # it was restarted; a hang is not repeated
        options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": again}
    limiter = Limiter(lambda: "", storage_uri=uri, storage_options=options, strategy=STRATEGY)  # type: ignore[arg-type]
    limiter.init_app(Flask("limits"))
    return limiter.limiter
